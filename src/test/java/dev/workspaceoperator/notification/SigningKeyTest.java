package dev.workspaceoperator.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeyTest {
  /** The example that libraries of receivers are tested with. */
  @Test
  void signsAsReceiversExpect() {
    SigningKey key = SigningKey.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").orElseThrow();

    assertThat(
            key.signature(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                Instant.ofEpochSecond(1_614_265_330),
                "{\"test\": 2432232314}".getBytes(UTF_8)))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void aTextThatIsNoBase64IsAKeyAsItIs() {
    assertThat(SigningKey.of("correct horse battery staple")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, no"})
  void whatIsNoKeyIsNone(String text) {
    assertThat(SigningKey.of(text)).isEmpty();
  }
}
