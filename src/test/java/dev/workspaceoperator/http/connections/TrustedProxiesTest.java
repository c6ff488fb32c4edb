package dev.workspaceoperator.http.connections;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  private static final TrustedProxies PROXIES =
      TrustedProxies.in(
          List.of("10.0.0.0/9", "192.0.2.7", "2001:db8:1::/48"), TrustedProxiesTest::fail);

  /** The values of several header lines are parted by a bar. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a stranger's header is ignored            ; 203.0.113.9   ; 198.51.100.1                       ; 203.0.113.9
          behind one proxy                          ; 10.0.0.1      ; 198.51.100.1                       ; 198.51.100.1
          what the client wrote itself is not read  ; 10.0.0.1      ; 1.1.1.1, 198.51.100.1              ; 198.51.100.1
          behind two proxies                        ; 10.0.0.1      ; 1.1.1.1, 198.51.100.1, 10.127.0.2  ; 198.51.100.1
          over two header lines                     ; 10.0.0.1      ; 1.1.1.1|198.51.100.1|10.0.0.2      ; 198.51.100.1
          a client that writes a trusted address    ; 10.0.0.1      ; 10.0.0.9, 198.51.100.1             ; 198.51.100.1
          a client among the proxies                ; 10.0.0.1      ; 10.0.0.9, 10.0.0.2                 ; 10.0.0.9
          the next address past the network         ; 10.128.0.0    ; 198.51.100.1                       ; 10.128.0.0
          a single address                          ; 192.0.2.7     ; 198.51.100.1                       ; 198.51.100.1
          beside the single address                 ; 192.0.2.6     ; 198.51.100.1                       ; 192.0.2.6
          no header                                 ; 10.0.0.1      ; `none`                             ; 10.0.0.1
          an empty header                           ; 10.0.0.1      ; ``                                 ; 10.0.0.1
          a comma too many                          ; 10.0.0.1      ; 198.51.100.1,                      ; 10.0.0.1
          no address                                ; 10.0.0.1      ; 198.51.100.1, unknown              ; 10.0.0.1
          no address behind the second proxy        ; 10.0.0.1      ; 1.1.1.1, _hidden, 10.0.0.2         ; 10.0.0.2
          a name                                    ; 10.0.0.1      ; localhost                          ; 10.0.0.1
          a number                                  ; 10.0.0.1      ; 1                                  ; 10.0.0.1
          an address with a port                    ; 10.0.0.1      ; 198.51.100.1:5000                  ; 198.51.100.1
          IPv6 with a port                          ; 10.0.0.1      ; [2001:db8:2::5]:5000               ; 2001:db8:2:0:0:0:0:5
          IPv6 half in brackets                     ; 10.0.0.1      ; [2001:db8:2::5                     ; 10.0.0.1
          IPv6 proxy                                ; 2001:db8:1::1 ; 2001:db8:2::5                      ; 2001:db8:2:0:0:0:0:5
          IPv6 past the network                     ; 2001:db8:2::1 ; 198.51.100.1                       ; 2001:db8:2:0:0:0:0:1
          IPv4 written as IPv6                      ; 10.0.0.1      ; 198.51.100.1, ::ffff:10.0.0.2      ; 198.51.100.1
          """)
  void theSourceIsTheNearestAddressThatIsNoTrustedProxy(
      String situation, String peer, String header, String source) {
    List<String> values =
        header.equals("none") ? List.of() : Arrays.asList(header.split("\\|", -1));
    assertThat(PROXIES.source(InetAddress.ofLiteral(peer), values).getHostAddress())
        .as(situation)
        .isEqualTo(source);
  }

  @Test
  void byDefaultNobodyIsBelieved() {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    assertThat(TrustedProxies.NONE.source(loopback, List.of("198.51.100.1"))).isEqualTo(loopback);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10/8",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.1/8",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/129",
        "2001:db8::1/32",
        "256.0.0.0/8",
        "proxy.example",
        "fe80::1%eth0",
        "[::1]"
      })
  void whatIsNoNetworkIsToldAndNotTrusted(String text) {
    List<String> mistakes = new ArrayList<>();
    TrustedProxies proxies = TrustedProxies.in(List.of(text), mistakes::add);
    assertThat(mistakes).singleElement().asString().startsWith("\"" + text + "\"");
    InetAddress peer = InetAddress.ofLiteral("10.0.0.1");
    assertThat(proxies.source(peer, List.of("198.51.100.1"))).isEqualTo(peer);
  }

  private static void fail(String mistake) {
    throw new AssertionError(mistake);
  }
}
