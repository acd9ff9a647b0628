/** The console's typeface, Latin subset, fetched after the first paint. */
import "../styles/font.css";
