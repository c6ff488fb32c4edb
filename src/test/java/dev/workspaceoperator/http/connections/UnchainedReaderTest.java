package dev.workspaceoperator.http.connections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnchainedReaderTest {
  private static final String REQUESTS = "POST /a HTTP/1.1\r\n12345GET /bc HTTP/1.1\r\n";

  @ParameterizedTest(name = "in pieces of {0} bytes")
  @ValueSource(ints = {1, 2, 3, 5, 7, 16, 18, 23, 41, 100})
  void whateverPiecesTheBytesComeInTheyReadTheSame(int size) throws Exception {
    assertThat(read(new UnchainedReader(pieces(size)::next)))
        .isEqualTo(read(DataReader.create(pieces(size)::next)))
        .containsExactly("POST", " ", "/a HTTP/1.1", "12345", "GET /bc HTTP/1.1");
  }

  /**
   * One that it inherited would read from where the library's reader stands, which reads nothing.
   */
  @Test
  void everyWayToReadIsItsOwn() {
    assertThat(DataReader.class.getDeclaredMethods())
        .filteredOn(method -> Modifier.isPublic(method.getModifiers()))
        .filteredOn(method -> !Modifier.isStatic(method.getModifiers()))
        .extracting(Method::getName, method -> List.of(method.getParameterTypes()))
        // It tells a listener of what was read, and the library gives it none.
        .filteredOn(signature -> !signature.toList().getFirst().equals("listener"))
        .isSubsetOf(
            Arrays.stream(UnchainedReader.class.getDeclaredMethods())
                .map(method -> tuple(method.getName(), List.of(method.getParameterTypes())))
                .toList());
  }

  @Test
  void theEndIsTold() {
    DataReader reader = new UnchainedReader(() -> null);
    assertThatThrownBy(reader::read).isInstanceOf(InsufficientDataAvailableException.class);
    assertThat(reader.available()).isZero();
  }

  private static List<String> read(DataReader reader) throws Exception {
    List<String> read = new ArrayList<>();
    reader.ensureAvailable();
    read.add(reader.readAsciiString(reader.findOrNewLine((byte) ' ', 100)));
    read.add(String.valueOf((char) reader.read()));
    read.add(reader.readLine());
    read.add(new String(reader.readBytes(5), US_ASCII));
    while (reader.available() < 5) {
      reader.pullData();
    }
    if (reader.lookup() == 'G') {
      read.add(reader.readLazyString(US_ASCII, reader.findNewLine(100)).toString());
      reader.skip(2);
    }
    return read;
  }

  private static Iterator<byte[]> pieces(int size) {
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < REQUESTS.length(); from += size) {
      pieces.add(
          REQUESTS.substring(from, Math.min(REQUESTS.length(), from + size)).getBytes(US_ASCII));
    }
    return pieces.iterator();
  }
}
