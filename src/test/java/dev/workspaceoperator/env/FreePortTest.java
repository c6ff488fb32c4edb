package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortTest {
  @Test
  void nobodyIsGivenThePortOfAnotherWhoHasNotUsedItYet() {
    Set<Integer> given = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      assertThat(given.add(FreePort.find())).isTrue();
    }
  }

  @Test
  void aPortThatIsInUseIsNotGiven() throws Exception {
    int next = FreePort.find() + 1;
    try (ServerSocket used = new ServerSocket()) {
      used.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), next));
      assertThat(FreePort.isFree(next)).isFalse();
      assertThat(FreePort.find()).isNotEqualTo(next);
    }
  }
}
