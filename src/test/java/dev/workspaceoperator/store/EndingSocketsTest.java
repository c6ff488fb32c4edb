package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pooler sends that loses its server in the middle of an answer. */
class EndingSocketsTest {
  private static final byte[] OK = {0, 0, 0, 0};

  @Test
  void anAnswerThatIsCutOffInAValueWithoutBoundsIsALostConnection() throws IOException {
    try (ServerSocket pooler = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(pooler));
      DatabaseSettings settings =
          DatabaseSettings.of(
              "postgresql://user:password@127.0.0.1:%d/database?sslmode=disable"
                  .formatted(pooler.getLocalPort()));

      SQLException failure =
          assertTimeoutPreemptively(
              Duration.ofSeconds(30),
              () -> {
                try (Connection connection = ConnectionSource.forWork(settings).bare();
                    Statement statement = connection.createStatement()) {
                  return catchThrowableOfType(
                      SQLException.class, () -> statement.executeQuery("SELECT value"));
                }
              });

      assertThat(failure.getSQLState()).startsWith("08");
      assertThat(SqlStates.isLostConnection(failure)).isTrue();
    }
  }

  private static void serve(ServerSocket pooler) {
    try (Socket client = pooler.accept();
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
      in.readNBytes(in.readInt() - 4);
      message(out, 'R', OK);
      for (String setting :
          new String[] {
            "server_version\0" + "15.0\0",
            "client_encoding\0UTF8\0",
            "DateStyle\0ISO, MDY\0",
            "integer_datetimes\0on\0",
            "standard_conforming_strings\0on\0"
          }) {
        message(out, 'S', setting.getBytes(US_ASCII));
      }
      message(out, 'K', new byte[8]);
      message(out, 'Z', new byte[] {'I'});
      boolean asked = false;
      while (true) {
        char type = (char) in.readByte();
        String content = new String(in.readNBytes(in.readInt() - 4), US_ASCII);
        asked |= content.contains("SELECT value");
        if (asked && (type == 'S' || type == 'Q')) {
          cutOffRow(out);
          return;
        }
        if (type == 'S' || type == 'Q') {
          if (type == 'S') {
            message(out, '1', new byte[0]);
            message(out, '2', new byte[0]);
            message(out, 'n', new byte[0]);
          }
          message(out, 'C', "SET\0".getBytes(US_ASCII));
          message(out, 'Z', new byte[] {'I'});
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A row whose only value is said to be longer than any array, and the end of all. */
  private static void cutOffRow(DataOutputStream out) throws IOException {
    message(out, '1', new byte[0]);
    message(out, '2', new byte[0]);
    ByteArrayOutputStream columns = new ByteArrayOutputStream();
    try (DataOutputStream column = new DataOutputStream(columns)) {
      column.writeShort(1);
      column.write("value\0".getBytes(US_ASCII));
      column.writeInt(0);
      column.writeShort(0);
      column.writeInt(25);
      column.writeShort(-1);
      column.writeInt(-1);
      column.writeShort(0);
    }
    message(out, 'T', columns.toByteArray());
    out.writeByte('D');
    out.writeInt(15);
    out.writeShort(1);
    out.writeInt(Integer.MAX_VALUE);
    out.write("SFATA".getBytes(US_ASCII));
    out.flush();
  }

  private static void message(DataOutputStream out, char type, byte[] content) throws IOException {
    out.writeByte(type);
    out.writeInt(content.length + 4);
    out.write(content);
    out.flush();
  }
}
