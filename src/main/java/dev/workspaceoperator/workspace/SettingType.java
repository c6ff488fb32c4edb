package dev.workspaceoperator.workspace;

/**
 * What the values of a setting are. Each border of the program (manifest, REST API, store, CRD)
 * reads and writes these types, and knows no setting by its name.
 */
public sealed interface SettingType {
  /** A {@link Budget}: from 0 to 1,000,000,000 US dollars, or unlimited. */
  SettingType MONEY = new Money();

  /** Whether the value is one of this type, within its bounds. */
  boolean includes(Object value);

  /**
   * A {@link String} on one line.
   *
   * @param min fewest code points
   * @param max most code points
   */
  record Text(int min, int max) implements SettingType {
    @Override
    public boolean includes(Object value) {
      return value instanceof String text
          && text.codePointCount(0, text.length()) >= min
          && text.codePointCount(0, text.length()) <= max;
    }
  }

  /** A {@link Budget}, which has its bounds itself. */
  record Money() implements SettingType {
    @Override
    public boolean includes(Object value) {
      return value instanceof Budget;
    }
  }

  /**
   * An {@link Integer} from 0 on.
   *
   * @param max the highest
   */
  record Count(int max) implements SettingType {
    @Override
    public boolean includes(Object value) {
      return value instanceof Integer count && count >= 0 && count <= max;
    }
  }
}
