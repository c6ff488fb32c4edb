package dev.workspaceoperator.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.network.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiverAddressesTest {
  private static ReceiverAddresses allowing(String... networks) {
    return new ReceiverAddresses(
        Arrays.stream(networks)
            .map(network -> Network.parse(network, _ -> {}))
            .flatMap(Optional::stream)
            .toList(),
        new NameLookups(1, Duration.ofSeconds(5)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.96.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1"
      })
  void whatIsNotPublicIsNotConnectedTo(String address) {
    assertThatExceptionOfType(UnknownHostException.class)
        .isThrownBy(() -> allowing().resolve(address))
        .withMessageContaining("which is not public. Add its network to allowedNetworks");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00::1"
      })
  void whatIsPublicIs(String address) throws UnknownHostException {
    assertThat(allowing().resolve(address)).hasSize(1);
  }

  @Test
  void whatTheInstallationAllowsIsToo() throws UnknownHostException {
    ReceiverAddresses addresses = allowing("10.1.0.0/16", "::1");

    assertThat(addresses.resolve("10.1.2.3")).hasSize(1);
    assertThat(addresses.resolve("::1")).hasSize(1);
    assertThat(addresses.isAllowed(InetAddress.ofLiteral("10.2.0.1"))).isFalse();
  }

  @Test
  void aNameStandsForItsAddresses() {
    assertThatExceptionOfType(UnknownHostException.class)
        .isThrownBy(() -> allowing().resolve("localhost"));
    assertThat(List.of(allowing("127.0.0.0/8").isAllowed(InetAddress.ofLiteral("127.0.0.1"))))
        .containsExactly(true);
  }
}
