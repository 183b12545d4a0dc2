// The page that was asked for comes as soon as it can be made again.
const EVERY = 2000;

async function look() {
  const answer = await fetch(location, { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer && answer.status !== 503) location.reload();
}

setInterval(look, EVERY);
