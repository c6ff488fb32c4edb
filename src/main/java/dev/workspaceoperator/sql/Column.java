package dev.workspaceoperator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * A column of many rows, sent as one array in PostgreSQL's binary form (its manual, section 54.2,
 * and array_recv): a statement takes it apart with {@code unnest}.
 */
public abstract sealed class Column {
  private static final int HEADER = 20;
  private static final long MICROS_A_SECOND = 1_000_000;
  private static final long EPOCH_SECONDS = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();
  private static final long EPOCH_DAY = LocalDate.of(2000, 1, 1).toEpochDay();

  private final int arrayOid;
  private final int elementOid;
  private byte[] bytes = new byte[256];
  private int length = HEADER;
  private int count;
  private boolean hasNull;

  private Column(int arrayOid, int elementOid) {
    this.arrayOid = arrayOid;
    this.elementOid = elementOid;
  }

  /** How many rows it has. */
  public final int size() {
    return count;
  }

  final Array toArray(Connection connection) throws SQLException {
    int end = length;
    length = 0;
    putInt(count == 0 ? 0 : 1);
    putInt(hasNull ? 1 : 0);
    putInt(elementOid);
    putInt(count);
    putInt(1);
    length = end;
    return new PgArray(
        connection.unwrap(BaseConnection.class),
        arrayOid,
        Arrays.copyOf(bytes, count == 0 ? 12 : end));
  }

  final void begin(int size) {
    count++;
    reserve(4 + size);
    putInt(size);
  }

  final void addNull() {
    count++;
    hasNull = true;
    reserve(4);
    putInt(-1);
  }

  final void putInt(int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  final void putLong(long value) {
    putInt((int) (value >>> 32));
    putInt((int) value);
  }

  final void putBytes(byte[] value) {
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  private void reserve(int size) {
    if (length + size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + size));
    }
  }

  /** A column {@code uuid}. */
  public static final class Uuids extends Column {
    public Uuids() {
      super(Oid.UUID_ARRAY, Oid.UUID);
    }

    /** Adds a row. */
    public void add(UUID value) {
      begin(16);
      putLong(value.getMostSignificantBits());
      putLong(value.getLeastSignificantBits());
    }
  }

  /** A column {@code boolean}. */
  public static final class Flags extends Column {
    public Flags() {
      super(Oid.BOOL_ARRAY, Oid.BOOL);
    }

    /** Adds a row. */
    public void add(boolean value) {
      begin(1);
      putBytes(new byte[] {(byte) (value ? 1 : 0)});
    }
  }

  /** A column {@code bigint}. */
  public static final class Bigints extends Column {
    public Bigints() {
      super(Oid.INT8_ARRAY, Oid.INT8);
    }

    /** Adds a row. */
    public void add(long value) {
      begin(8);
      putLong(value);
    }

    /** Adds a row that can be silent. */
    public void addNullable(@Nullable Long value) {
      if (value == null) {
        addNull();
      } else {
        add(value.longValue());
      }
    }
  }

  /** A column {@code text}. */
  public static final class Texts extends Column {
    public Texts() {
      super(Oid.TEXT_ARRAY, Oid.TEXT);
    }

    /** Adds a row. */
    public void add(@Nullable String value) {
      if (value == null) {
        addNull();
      } else {
        byte[] utf8 = value.getBytes(UTF_8);
        begin(utf8.length);
        putBytes(utf8);
      }
    }
  }

  /** A column {@code timestamptz}; what is finer than a microsecond is cut off. */
  public static final class Times extends Column {
    public Times() {
      super(Oid.TIMESTAMPTZ_ARRAY, Oid.TIMESTAMPTZ);
    }

    /** Adds a row. */
    public void add(@Nullable Instant value) {
      if (value == null) {
        addNull();
      } else {
        begin(8);
        putLong(
            (value.getEpochSecond() - EPOCH_SECONDS) * MICROS_A_SECOND + value.getNano() / 1000);
      }
    }
  }

  /** A column {@code date}. */
  public static final class Dates extends Column {
    public Dates() {
      super(Oid.DATE_ARRAY, Oid.DATE);
    }

    /** Adds a row. */
    public void add(@Nullable LocalDate value) {
      if (value == null) {
        addNull();
      } else {
        begin(4);
        putInt(Math.toIntExact(value.toEpochDay() - EPOCH_DAY));
      }
    }
  }
}
