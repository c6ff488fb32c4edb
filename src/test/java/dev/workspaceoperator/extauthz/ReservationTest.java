package dev.workspaceoperator.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.workspaceoperator.workspace.MicroUsd;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known again as one of our own admissions, and what is not. */
class ReservationTest {
  private static final SettleTokens TOKENS = new SettleTokens(new byte[32]);
  private static final UUID CALL = UUID.fromString("0199b2a0-0000-7000-8000-000000000001");
  private static final Reservation OURS =
      new Reservation(
          UUID.fromString("0199b2a0-0000-7000-8000-00000000000a"),
          CALL,
          CALL,
          new MicroUsd(10_000),
          Optional.of("m"),
          false);

  @Test
  void whatWasGivenIsKnownAgain() {
    assertThat(Reservation.read(OURS.metadata(TOKENS), TOKENS)).contains(OURS);
    assertThat(OURS.isCall()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"workspace", "run_id", "call_id"})
  void anotherIdIsNot(String field) {
    assertThat(changed(field, text("0199b2a0-0000-7000-8000-0000000000ff"))).isEmpty();
    assertThat(changed(field, text("no id"))).isEmpty();
  }

  @Test
  void noOtherAmountModelOrTokenIs() {
    assertThat(changed("reserved_micro_usd", number(1))).isEmpty();
    assertThat(changed("reserved_micro_usd", number(-1))).isEmpty();
    assertThat(changed("model", text("a cheaper one"))).isEmpty();
    assertThat(changed("dearer_tier", Value.newBuilder().setBoolValue(true).build())).isEmpty();
    assertThat(changed("settle_token", text(""))).isEmpty();
    assertThat(Reservation.read(Struct.getDefaultInstance(), TOKENS)).isEmpty();
  }

  @Test
  void noOtherInstallationsIs() {
    byte[] other = new byte[32];
    other[0] = 1;

    assertThat(Reservation.read(OURS.metadata(new SettleTokens(other)), TOKENS)).isEmpty();
  }

  private static Optional<Reservation> changed(String field, Value value) {
    return Reservation.read(
        OURS.metadata(TOKENS).toBuilder().putFields(field, value).build(), TOKENS);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }
}
