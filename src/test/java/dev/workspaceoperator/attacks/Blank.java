package dev.workspaceoperator.attacks;

/** What each sending of a request fills in anew; always as long, so that a length stays right. */
enum Blank {
  /** A number that no other request of the order had. */
  NUMBER("{n}", 12),
  /** An API key that is well formed and nobody's. */
  KEY("{key}", 53),
  /** The {@code id} of the answer before, on the same connection. */
  LAST_ID("{last}", 36);

  private final String text;
  private final int width;

  Blank(String text, int width) {
    this.text = text;
    this.width = width;
  }

  String text() {
    return text;
  }

  /** How long a text is once its blanks are filled in, in UTF-16 units. */
  static int growth(String template) {
    int growth = 0;
    for (Blank blank : values()) {
      int at = template.indexOf(blank.text);
      while (at >= 0) {
        growth += blank.width - blank.text.length();
        at = template.indexOf(blank.text, at + 1);
      }
    }
    return growth;
  }
}
