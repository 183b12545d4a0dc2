// Reading barcodes with the camera of a phone or a notebook.
const FORMATS = ["code_128", "code_39", "qr_code", "ean_13"];
const AGAIN = 2500; // milliseconds before the same code counts as another scan
const WIDEST = 1280; // pixels of a picture that the server reads
const canvas = document.createElement("canvas");
let stream = null;

export async function openCamera(onCode) {
  const finder = document.getElementById("viewfinder");
  if (stream) return close(finder);
  finder.hidden = false;
  if (!navigator.mediaDevices) return say("This page reaches the camera over https or on localhost only. Use a scanner, or type the code.");
  const reader = await detector();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return say(`The camera could not be opened (${error.name}). Allow it for this page, and that the page is opened over https or on localhost.`);
  }
  const video = document.getElementById("video");
  video.srcObject = stream;
  await video.play();
  say("Hold the barcode into the picture.");
  watch(reader, video, onCode);
}

// The browser's own reader, or (Safari, Firefox, Chrome on Linux and Windows) the server's.
async function detector() {
  const known = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
  const formats = FORMATS.filter((one) => known.includes(one));
  return formats.length ? new BarcodeDetector({ formats }) : { detect: readAtTheServer };
}

async function readAtTheServer(video) {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  canvas.width = video.videoWidth * scale;
  canvas.height = video.videoHeight * scale;
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  const body = new FormData();
  body.append("picture", picture);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const told = await fetch(document.getElementById("viewfinder").dataset.read, { method: "POST", body, headers: { "X-CSRFToken": token } });
  return told.ok ? (await told.json()).codes.map((rawValue) => ({ rawValue })) : [];
}

async function watch(reader, video, onCode) {
  let last = { code: "", at: 0 };
  while (stream) {
    const [found] = await reader.detect(video).catch(() => []);
    if (found && (found.rawValue !== last.code || performance.now() - last.at > AGAIN)) {
      last = { code: found.rawValue, at: performance.now() };
      onCode(found.rawValue);
    }
    await new Promise((done) => setTimeout(done, 120));
  }
}

function close(finder) {
  for (const track of stream.getTracks()) track.stop();
  stream = null;
  finder.hidden = true;
}

function say(words) {
  document.getElementById("camera-words").textContent = words;
}
