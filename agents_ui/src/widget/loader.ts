document.documentElement.dataset["contactCenter"] = "loading";
