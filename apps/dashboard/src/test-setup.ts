// The framework's own packages come half compiled; outside a browser build the compiler finishes them.
import '@angular/compiler';
