package dev.workspaceoperator.attacks;

import dev.workspaceoperator.auth.ApiKey;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** A request whose {@link Blank}s are filled in at each sending. */
final class Template {
  private final String text;
  private final byte[] fixed;
  private final boolean isFixed;

  Template(String text) {
    this.text = text;
    this.fixed = text.getBytes(StandardCharsets.UTF_8);
    this.isFixed = !has(Blank.NUMBER) && !has(Blank.KEY) && !has(Blank.LAST_ID);
  }

  boolean has(Blank blank) {
    return text.contains(blank.text());
  }

  /**
   * As it goes over the wire.
   *
   * @param lastId 36 characters
   */
  byte[] fill(long number, String lastId, SplittableRandom random) {
    if (isFixed) {
      return fixed;
    }
    String filled = text;
    if (has(Blank.NUMBER)) {
      filled = filled.replace(Blank.NUMBER.text(), "%012d".formatted(number));
    }
    if (has(Blank.KEY)) {
      filled = filled.replace(Blank.KEY.text(), ApiKey.generate(random).reveal());
    }
    return filled.replace(Blank.LAST_ID.text(), lastId).getBytes(StandardCharsets.UTF_8);
  }
}
