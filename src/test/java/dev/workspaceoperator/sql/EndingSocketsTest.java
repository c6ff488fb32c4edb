package dev.workspaceoperator.sql;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.workspaceoperator.env.ServingAuthority;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pooler sends that loses its server in the middle of an answer. */
class EndingSocketsTest {
  private static final byte[] OK = {0, 0, 0, 0};

  private static Path authority;
  private static SSLContext tls;

  @BeforeAll
  static void makeCertificates(@TempDir Path directory) throws Exception {
    ServingAuthority serving = ServingAuthority.create(directory);
    authority = Files.writeString(directory.resolve("ca.crt"), serving.certificate());
    tls = serving.servingContext();
  }

  @ParameterizedTest
  @ValueSource(strings = {"disable", "require", "verify-full"})
  void anAnswerThatIsCutOffInAValueWithoutBoundsIsALostConnection(String mode) throws IOException {
    boolean isEncrypted = !mode.equals("disable");
    String root = mode.equals("verify-full") ? "&sslrootcert=" + authority.toAbsolutePath() : "";
    try (ServerSocket pooler = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(pooler, isEncrypted));
      DatabaseSettings settings =
          DatabaseSettings.of(
              "postgresql://user:password@127.0.0.1:%d/database?sslmode=%s%s"
                  .formatted(pooler.getLocalPort(), mode, root));

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

  private static void serve(ServerSocket pooler, boolean isEncrypted) {
    try (Socket client = isEncrypted ? encrypted(pooler.accept()) : pooler.accept();
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

  /** Takes the request for encryption, and says yes. */
  private static Socket encrypted(Socket client) throws IOException {
    byte[] _ = client.getInputStream().readNBytes(8);
    client.getOutputStream().write('S');
    return tls.getSocketFactory().createSocket(client, InputStream.nullInputStream(), true);
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
