// Asking whom a handle means tells nobody what else is in the form.
document.addEventListener("htmx:config:request", (event) => {
  if (event.target.id === "peek") event.detail.ctx.request.body.delete("reason");
});
