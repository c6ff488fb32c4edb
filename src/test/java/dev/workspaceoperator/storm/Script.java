package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.PlannedCall.Kind;
import dev.workspaceoperator.storm.PlannedCall.Way;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * What every client is going to ask for, and what is going to break: made from the seed alone, so
 * that neither answers nor time change anything in it.
 *
 * @param seed all chance comes from it
 * @param round its number; each has other clients
 * @param admissions that the round is to reach
 * @param failovers how often the primary of a pair fails; where it does, nothing else breaks
 * @param calls whether calls are among it, which a release before this one does not know
 */
record Script(long seed, int round, int admissions, int failovers, boolean calls) {
  static final int WORKSPACES = 12;
  static final int CLIENTS_A_WORKSPACE = 24;
  static final int CLIENTS = WORKSPACES * CLIENTS_A_WORKSPACE;

  /** Plans for each admission that is wanted: most are other operations, and some are refused. */
  private static final int PLANS_AN_ADMISSION = 8;

  /** In 100,000 admissions. */
  private static final int REPLICA_KILLS = 21;

  private static final int POSTGRES_KILLS = 6;
  private static final int SESSION_ENDS = 8;

  /** Until the next failover; more are made while a pair is made whole again. */
  private static final int ADMISSIONS_A_FAILOVER = 200;

  /** So many that no client is at the end of its script before the last failover. */
  private static final int PLANS_A_FAILOVER = 400;

  /** What a client takes its time between two requests for, where they do not end the round. */
  private static final Duration PACE = Duration.ofMillis(150);

  /** Without failovers. */
  Script(long seed, int round, int admissions) {
    this(seed, round, admissions, 0, true);
  }

  /** Of failovers, which take the time that they take: clients ask at a steady pace meanwhile. */
  static Script ofFailovers(long seed, int round, int failovers) {
    return new Script(seed, round, failovers * ADMISSIONS_A_FAILOVER, failovers, true);
  }

  /** The same, with steps where calls would be. */
  Script withoutCalls() {
    return new Script(seed, round, admissions, failovers, false);
  }

  /** How long a client waits between two requests. */
  Duration pace() {
    return failovers == 0 ? Duration.ZERO : PACE;
  }

  /** Most plans of one client. */
  int length() {
    if (failovers > 0) {
      return failovers * PLANS_A_FAILOVER;
    }
    return Math.max(200, (int) ((long) admissions * PLANS_AN_ADMISSION / CLIENTS));
  }

  /** The plans of a client. */
  Plans plans(int client) {
    return new Plans(
        new SplittableRandom(seed * 1_000_003 + round * 10_007L + client),
        length(),
        client < WORKSPACES,
        client == CLIENTS - 1,
        calls);
  }

  /** What breaks, in order. */
  List<Blow> blows() {
    if (failovers > 0) {
      return failoversInTurn();
    }
    Random random = new Random(seed * 31 + round);
    List<Blow.Kind> kinds = new ArrayList<>();
    kinds.addAll(Collections.nCopies(share(REPLICA_KILLS), Blow.Kind.REPLICA));
    kinds.addAll(Collections.nCopies(share(POSTGRES_KILLS), Blow.Kind.POSTGRES));
    kinds.addAll(Collections.nCopies(share(SESSION_ENDS), Blow.Kind.SESSIONS));
    Collections.shuffle(kinds, random);
    List<Blow> blows = new ArrayList<>();
    long spacing = admissions / (kinds.size() + 1);
    for (Blow.Kind kind : kinds) {
      long jitter = random.nextLong(Math.max(1, spacing / 2));
      blows.add(new Blow(kind, random.nextInt(1 << 16), (blows.size() + 1) * spacing - jitter));
    }
    return blows;
  }

  private List<Blow> failoversInTurn() {
    List<Blow.Kind> kinds =
        List.of(Blow.Kind.PRIMARY_KILLED, Blow.Kind.PRIMARY_STOPPED, Blow.Kind.PRIMARY_CUT_OFF);
    List<Blow> blows = new ArrayList<>();
    for (int number = 0; number < failovers; number++) {
      Blow.Kind kind = kinds.get((number + round) % kinds.size());
      blows.add(new Blow(kind, 0, (number + 1L) * ADMISSIONS_A_FAILOVER));
    }
    return blows;
  }

  private int share(int of100k) {
    return (int) Math.max(1, ((long) admissions * of100k + 99_999) / 100_000);
  }

  /** SHA-256 of all of it. */
  void digest(MessageDigest digest) {
    for (int client = 0; client < CLIENTS; client++) {
      Plans plans = plans(client);
      while (plans.hasNext()) {
        PlannedCall plan = plans.next();
        line(digest, round, client, plan.kind(), plan.way(), plan.amount(), plan.pick());
      }
    }
    for (Blow blow : blows()) {
      line(digest, blow.kind(), blow.target(), blow.after());
    }
  }

  private static void line(MessageDigest digest, Object... parts) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      text.append(part).append(' ');
    }
    digest.update(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
  }

  /** SHA-256 of several, as hex. */
  static String sha256(List<Script> scripts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      scripts.forEach(script -> script.digest(digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The plans of one client, made one by one. */
  static final class Plans {
    private static final int AMOUNT_MAX = 20_000;

    private final SplittableRandom random;
    private final boolean admin;
    private final boolean operator;
    private final boolean calls;
    private int left;
    private int killedFor;
    private int platformKilledFor;

    private Plans(
        SplittableRandom random, int length, boolean admin, boolean operator, boolean calls) {
      this.random = random;
      this.left = length;
      this.admin = admin;
      this.operator = operator;
      this.calls = calls;
    }

    boolean hasNext() {
      return left > 0;
    }

    PlannedCall next() {
      left--;
      return new PlannedCall(kind(), way(), random.nextInt(AMOUNT_MAX), random.nextInt(1 << 30));
    }

    private Kind kind() {
      if (killedFor > 0 && --killedFor == 0) {
        return Kind.RELEASE;
      }
      if (platformKilledFor > 0 && --platformKilledFor == 0) {
        return Kind.PLATFORM_RELEASE;
      }
      int chance = random.nextInt(1_000);
      if (admin && chance < 60) {
        return setting(chance);
      }
      if (operator && platformKilledFor == 0 && chance < 8) {
        platformKilledFor = 1 + random.nextInt(3);
        return Kind.PLATFORM_KILL;
      }
      return ordinary(random.nextInt(1_000));
    }

    private Kind setting(int chance) {
      if (chance < 8 && killedFor == 0) {
        killedFor = 1 + random.nextInt(12);
        return Kind.KILL;
      }
      return chance < 30 ? Kind.SET_BUDGET : chance < 45 ? Kind.SET_USER_BUDGET : Kind.SET_CAP;
    }

    private Kind ordinary(int chance) {
      return chance < 560
          ? calls && chance < 60 ? Kind.CALL : Kind.STEP
          : chance < 800
              ? Kind.SETTLE
              : chance < 880
                  ? Kind.START
                  : chance < 940
                      ? Kind.FINISH
                      : chance < 975
                          ? Kind.HEARTBEAT
                          : chance < 982
                              ? Kind.CANCEL
                              : chance < 990 ? Kind.ABANDON : Kind.REUSE_KEY;
    }

    private Way way() {
      int chance = random.nextInt(1_000);
      return chance < 10 ? Way.ABORTED : chance < 20 ? Way.TWIN : Way.PLAIN;
    }
  }
}
