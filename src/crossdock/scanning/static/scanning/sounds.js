// A sound for each answer, told apart without looking: [frequency in Hz, seconds] after another.
const TUNES = {
  ready: [[880, 0.07], [1320, 0.1]],
  item: [[1040, 0.05]],
  complete: [[660, 0.08], [880, 0.08], [1320, 0.2]],
  overscan: [[300, 0.12], [0, 0.05], [300, 0.12], [0, 0.05], [300, 0.2]],
  already: [[520, 0.09], [0, 0.05], [520, 0.09]],
  "wrong-stage": [[240, 0.35]],
  cancelled: [[700, 0.14], [500, 0.14], [330, 0.3]],
  void: [[700, 0.14], [500, 0.14], [330, 0.3]], // as loud as cancelled: the parcel stays here either way
  several: [[600, 0.1], [900, 0.1], [600, 0.1], [900, 0.1]],
  unknown: [[170, 0.18], [0, 0.06], [170, 0.18]],
  failed: [[980, 0.15], [320, 0.15], [980, 0.15], [320, 0.3]],
};
const ROUGH = new Set(["wrong-stage", "unknown", "failed", "overscan"]);
let audio;

export function play(name) {
  const tune = TUNES[name];
  if (!tune || !window.AudioContext) return;
  audio ??= new AudioContext();
  audio.resume();
  let at = audio.currentTime;
  for (const [frequency, seconds] of tune) {
    if (frequency) note(frequency, at, seconds, ROUGH.has(name) ? "square" : "sine");
    at += seconds;
  }
}

function note(frequency, at, seconds, type) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = type;
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0.25, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
