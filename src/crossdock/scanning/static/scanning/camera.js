// Reading barcodes with the camera of a phone or a notebook.
const FORMATS = ["code_128", "code_39", "qr_code", "ean_13"];
const AGAIN = 2500; // milliseconds before the same code counts as another scan
let stream = null;

export async function openCamera(onCode) {
  const finder = document.getElementById("viewfinder");
  if (stream) return close(finder);
  finder.hidden = false;
  const reader = await detector();
  if (!reader) return say("This browser cannot read barcodes with the camera. Use a scanner, type the code, or open this page in Chrome.");
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

async function detector() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((one) => known.includes(one));
  return formats.length ? new BarcodeDetector({ formats }) : null;
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
