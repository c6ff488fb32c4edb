package dev.workspaceoperator.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoneyTest {
  @ParameterizedTest
  @CsvSource({
    "0,           0,                0",
    "0.000001,    1,                0.000001",
    "0.0000010,   1,                0.000001",
    "0.1,         100000,           0.1",
    "25.50,       25500000,         25.5",
    "100,         100000000,        100",
    "100.0,       100000000,        100",
    "1e2,         100000000,        100",
    "1000000000,  1000000000000000, 1000000000",
    "999999999.999999, 999999999999999, 999999999.999999",
  })
  void anAmountIsCountedExactlyAndPrintedPlain(String usd, long micros, String printed) {
    MicroUsd amount = MicroUsd.ofUsd(new BigDecimal(usd));
    assertThat(amount.micros()).isEqualTo(micros);
    assertThat(amount).hasToString(printed);
    assertThat(amount.toUsd().toString()).as("never in exponent form").isEqualTo(printed);
    assertThat(Budget.ofUsd(new BigDecimal(usd)))
        .isEqualTo(new Budget(micros))
        .hasToString(printed);
  }

  @Test
  void aTenthAndTwoTenthsAreThreeTenths() {
    long sum =
        MicroUsd.ofUsd(new BigDecimal("0.1")).micros()
            + MicroUsd.ofUsd(new BigDecimal("0.2")).micros();
    assertThat(new MicroUsd(sum))
        .isEqualTo(MicroUsd.ofUsd(new BigDecimal("0.3")))
        .hasToString("0.3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0000001", "1.0000005", "1e-7", "1e1000000000", "9223372036855"})
  void nothingIsRoundedAndNothingOverflows(String usd) {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> MicroUsd.ofUsd(new BigDecimal(usd)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.000001", "-1"})
  void noAmountIsNegative(String usd) {
    assertThatIllegalArgumentException().isThrownBy(() -> MicroUsd.ofUsd(new BigDecimal(usd)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.000001", "-1", "1000000000.000001", "1e1000000000"})
  void aBudgetIsWithinItsBounds(String usd) {
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.ofUsd(new BigDecimal(usd)));
  }

  @Test
  void noMicrosBetweenTheHighestBudgetAndUnlimited() {
    assertThat(new Budget(Budget.MICROS_MAX)).hasToString("1000000000");
    assertThatIllegalArgumentException().isThrownBy(() -> new Budget(Budget.MICROS_MAX + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Budget(Long.MAX_VALUE - 1));
  }

  @Test
  void unlimitedIsNoAmount() {
    assertThat(Budget.UNLIMITED.isUnlimited()).isTrue();
    assertThat(Budget.UNLIMITED).hasToString("unlimited").isNotEqualTo(new Budget(0));
    assertThat(new Budget(0).isUnlimited()).isFalse();
  }
}
