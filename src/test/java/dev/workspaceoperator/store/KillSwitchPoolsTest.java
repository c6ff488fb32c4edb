package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A locked row is waited for in parts, and not for ever. No database is there: none is asked. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillSwitchPoolsTest {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String CONNECTION_FAILURE = "08006";

  private final KillSwitchPools pools =
      KillSwitchPools.open(
          DatabaseSettings.of("postgresql://nobody@127.0.0.1:9/none")
              .forRequests(Duration.ofMillis(300)));
  private final AtomicInteger attempts = new AtomicInteger();

  @AfterEach
  void close() {
    pools.close();
  }

  @Test
  void aRowThatIsLockedIsTriedAgainUntilItIsHad() {
    Supplier<String> change =
        () -> attempts.incrementAndGet() < 3 ? failed(LOCK_NOT_AVAILABLE) : "done";

    assertThat(pools.whileLocked(change)).isEqualTo("done");
  }

  @Test
  void oneThatStaysLockedIsGivenUpOnceARequestHasNoPatienceLeft() {
    assertThatThrownBy(() ->
            pools.whileLocked(() -> {
              attempts.incrementAndGet();
              return failed(LOCK_NOT_AVAILABLE);
            }))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(attempts).hasValueGreaterThan(1);
  }

  @Test
  void whatElseFailsIsNotTriedAgain() {
    assertThatThrownBy(() ->
            pools.whileLocked(() -> {
              attempts.incrementAndGet();
              return failed(CONNECTION_FAILURE);
            }))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(attempts).hasValue(1);
  }

  private static String failed(String sqlState) {
    throw new StoreUnavailableException("failed", new SQLException("failed", sqlState));
  }
}
