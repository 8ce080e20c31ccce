// Small comforts; every page works without them.

// Times to closing, in the reader's own zone: "in 2 days" beside the date.
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const at = new Date(time.dateTime);
  time.textContent = at.toLocaleString(document.documentElement.lang, {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit",
  });
  const left = document.createElement("span");
  left.className = "countdown";
  time.after(" ", left);
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const tell = () => {
    const minutes = Math.round((at - Date.now()) / 60000);
    const [amount, unit] =
      Math.abs(minutes) >= 2880 ? [Math.round(minutes / 1440), "day"]
      : Math.abs(minutes) >= 120 ? [Math.round(minutes / 60), "hour"]
      : [minutes, "minute"];
    left.textContent = `(${words.format(amount, unit)})`;
  };
  tell();
  setInterval(tell, 60000);
}
