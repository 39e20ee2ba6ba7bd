import { mountApp } from "../lib/shell/mount-app.ts";
import App from "./App.svelte";

mountApp(App);
