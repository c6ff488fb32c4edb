package dev.workspaceoperator.controller;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Texts as long as Kubernetes takes them. It refuses the whole object for one text that is longer,
 * and counts bytes of UTF-8 in some places and characters in others.
 */
final class KubernetesText {
  /** Bytes of an event's note, as the API server counts them. */
  static final int EVENT_NOTE_BYTES_MAX = 1_024;

  /** Bytes of an event's action, reason and reporting instance each. */
  static final int EVENT_FIELD_BYTES_MAX = 128;

  /** Characters of a name of an object. */
  static final int NAME_LENGTH_MAX = 253;

  /** Characters of a condition's message, as {@code metav1.Condition} has it. */
  static final int CONDITION_MESSAGE_LENGTH_MAX = 32_768;

  private static final String CUT = "…";

  private KubernetesText() {}

  /** What fits of a text, cut between two characters, and an ellipsis where it was cut. */
  static String withinBytes(String text, int bytesMax) {
    if (text.getBytes(UTF_8).length <= bytesMax) {
      return text;
    }
    int left = bytesMax - CUT.getBytes(UTF_8).length;
    int end = 0;
    while (true) {
      int character = text.codePointAt(end);
      left -= Character.toString(character).getBytes(UTF_8).length;
      if (left < 0) {
        return text.substring(0, end) + CUT;
      }
      end += Character.charCount(character);
    }
  }

  /** The same of a text whose characters are counted. */
  static String withinCharacters(String text, int charactersMax) {
    if (text.codePointCount(0, text.length()) <= charactersMax) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, charactersMax - 1)) + CUT;
  }

  /**
   * What fits of the name of an object, so that something can follow it after a dot: a name that
   * ends in a dot or a hyphen before another dot would be refused.
   */
  static String namePrefix(String name, int lengthMax) {
    int end = Math.min(name.length(), lengthMax);
    while (end > 0 && !isLetterOrDigit(name.charAt(end - 1))) {
      end--;
    }
    return name.substring(0, end);
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }
}
