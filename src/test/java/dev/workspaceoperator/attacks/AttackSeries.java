package dev.workspaceoperator.attacks;

import dev.workspaceoperator.attacks.Result.SwitchUse;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** One attack after the other; before each of them the victim is measured in quiet. */
final class AttackSeries {
  private static final int WARM_CONNECTIONS = 16;

  private final AttackLab lab;
  private final Sizes sizes;
  private boolean warm;

  AttackSeries(AttackLab lab, Sizes sizes) {
    this.lab = lab;
    this.sizes = sizes;
  }

  /** Tries one. */
  Result run(Attack attack) throws IOException, InterruptedException, SQLException {
    if (!warm || sizes.replicas() == Sizes.Replicas.ONE_EACH) {
      lab.newReplica();
      warmUp();
      warm = true;
    }
    Victim victim = new Victim(lab.tenant(Plan.SCALE), sizes.victimPerSecond());
    Assault assault = attack.preparation().prepare(lab, sizes);
    Switch own = Switch.of(victim);
    Switch platform = Switch.ofPlatform(victim, lab.fleetKey());
    victim.measure(sizes.quietSeconds() / 2);
    Measured quiet = victim.measure(sizes.quietSeconds());
    try (Rss rss = new Rss(lab.replica().pid())) {
      assault.begin();
      Measured first = victim.measure(sizes.firstSeconds());
      Measured attacked = victim.measure(sizes.attackSeconds() * attack.times()).after(first);
      SwitchUse held = use(own, sizes.kills());
      SwitchUse heldByPlatform = use(platform, 1);
      String answers = assault.end();
      lab.releasePlatform();
      if (!lab.replica().isAlive()) {
        answers += "; the replica ended: " + lab.replica().log();
        warm = false;
      }
      return new Result(
          attack, quiet, first, attacked, held, heldByPlatform, answers, rss.peakMib());
    }
  }

  /** The compiler's work is done before anything is measured. */
  private void warmUp() throws IOException, InterruptedException, SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    Victim victim = new Victim(tenant, sizes.victimPerSecond());
    Orders load =
        new Orders(lab, List.of(Order.asks("warm", WARM_CONNECTIONS, List.of(victim.step()))));
    load.begin();
    victim.measure(sizes.warmSeconds());
    String _ = load.end();
    Switch.of(victim).use();
  }

  private static SwitchUse use(Switch kill, int count) throws InterruptedException {
    try {
      Switch.Times worst = kill.use();
      for (int number = 1; number < count; number++) {
        worst = worst.worse(kill.use());
      }
      return new SwitchUse.Held(worst);
    } catch (IllegalStateException e) {
      return new SwitchUse.Failed(String.valueOf(e.getMessage()));
    }
  }
}
