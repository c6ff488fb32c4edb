package dev.workspaceoperator.helm;

import dev.workspaceoperator.helm.RightsCase.Before;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The small input space of {@code Loosening}: a policy judges its own fields, and those the plan.
 */
final class RightsCases {
  private static final String BASIC = "";
  private static final String PRO = "\"plan\":\"Pro\"";
  private static final String ENTERPRISE = "\"plan\":\"Enterprise\"";

  private RightsCases() {}

  static List<RightsCase> dailyBudgets() {
    return RightsCase.between(
        List.of(
            Before.of("{}"),
            Before.budgetInForce(Setting.DAILY_BUDGET, "{}", Source.DEFAULT, "unlimited"),
            Before.budgetInForce(Setting.DAILY_BUDGET, "{}", Source.RUNTIME, "5"),
            Before.budgetInForce(Setting.DAILY_BUDGET, "{}", Source.RUNTIME, "1000000000"),
            Before.budgetInForce(Setting.DAILY_BUDGET, "{}", Source.OVERRIDE, "5"),
            Before.of("{\"dailyBudgetUsd\":0}"),
            Before.of("{\"dailyBudgetUsd\":10}"),
            Before.budgetInForce(
                Setting.DAILY_BUDGET, "{\"dailyBudgetUsd\":\"50.0\"}", Source.OVERRIDE, "500"),
            Before.of("{\"dailyBudgetUsd\":\"unlimited\"}")),
        Stream.of(
                "",
                "0",
                "\"5.0\"",
                "10.0",
                "\"10.000000\"",
                "\"10.000001\"",
                "50",
                "\"1000000000.0\"",
                "\"unlimited\"")
            .map(value -> value.isEmpty() ? "{}" : "{\"dailyBudgetUsd\":%s}".formatted(value))
            .toList());
  }

  static List<RightsCase> userBudgets() {
    return budgets(Setting.USER_DAILY_BUDGET);
  }

  static List<RightsCase> monthlyBudgets() {
    return budgets(Setting.MONTHLY_BUDGET);
  }

  private static List<RightsCase> budgets(Setting setting) {
    List<Before> befores = new ArrayList<>();
    List<String> afters = new ArrayList<>();
    for (String plan : List.of(BASIC, PRO)) {
      for (String budget : List.of("", "5", "\"unlimited\"")) {
        befores.add(Before.of(budget(setting, plan, budget)));
      }
      for (Source source : List.of(Source.RUNTIME, Source.OVERRIDE)) {
        befores.add(Before.budgetInForce(setting, budget(setting, plan, ""), source, "4"));
      }
      for (String budget : List.of("", "4", "\"5.00\"", "\"5.000001\"", "\"unlimited\"")) {
        afters.add(budget(setting, plan, budget));
      }
    }
    return RightsCase.between(befores, afters);
  }

  static List<RightsCase> runCaps() {
    return RightsCase.between(
        List.of(
            Before.of(runs(BASIC, "")),
            Before.of(runs(BASIC, "2")),
            Before.of(runs(BASIC, "20")),
            Before.runsInForce(runs(BASIC, ""), Source.PLAN_DEFAULT, 3),
            Before.of(runs(PRO, "")),
            Before.of(runs(PRO, "2")),
            Before.of(runs(PRO, "20")),
            Before.runsInForce(runs(PRO, ""), Source.PLAN_DEFAULT, 10),
            Before.runsInForce(runs(PRO, ""), Source.RUNTIME, 2),
            Before.runsInForce(runs(PRO, ""), Source.RUNTIME, 20),
            Before.runsInForce(runs(PRO, ""), Source.OVERRIDE, 20),
            Before.of(runs(ENTERPRISE, "")),
            Before.of(runs(ENTERPRISE, "20"))),
        List.of(
            runs(BASIC, ""),
            runs(BASIC, "2"),
            runs(BASIC, "3"),
            runs(PRO, ""),
            runs(PRO, "2"),
            runs(PRO, "10"),
            runs(PRO, "11"),
            runs(PRO, "21"),
            runs(ENTERPRISE, ""),
            runs(ENTERPRISE, "20"),
            runs(ENTERPRISE, "200"),
            runs(ENTERPRISE, "201")));
  }

  static List<RightsCase> scopes() {
    List<String> lists =
        List.of(
            "",
            key("a", "keys:write", ""),
            key("a", "keys:write", "2030-01-01T00:00:00Z"),
            // The same moment, and a later one that is less as text.
            key("a", "keys:write", "2030-01-01T01:00:00.000+01:00"),
            key("a", "keys:write", "2029-12-31T23:00:00-02:00"),
            key("a", "runs:write\",\"workspace:read", "2030-01-01T00:00:00Z"),
            key("b", "keys:write", ""),
            key("b", "workspace:write", ""),
            key("a", "workspace:override\",\"kill-switch:write\",\"workspace:write", ""),
            key("b", "keys:write", "") + "," + key("a", "runs:write", ""),
            // Two keys that change names.
            key("b", "runs:write", "").replace("named-b", "named-a")
                + ","
                + key("a", "keys:write", "").replace("named-a", "named-b"));
    return RightsCase.between(
        lists.stream().map(list -> Before.of(keys(list))).toList(),
        lists.stream().map(RightsCases::keys).toList());
  }

  static List<RightsCase> killSwitchAndDeletion() {
    List<String> killSwitches = List.of("", "\"killSwitch\":false", "\"killSwitch\":true");
    List<String> policies =
        List.of("", "\"deletionPolicy\":\"Retain\"", "\"deletionPolicy\":\"Delete\"");
    List<Before> befores = new ArrayList<>();
    List<String> afters = new ArrayList<>();
    for (int i = 0; i < killSwitches.size(); i++) {
      for (int j = 0; j < policies.size(); j++) {
        String spec = json("\"plan\":\"Scale\"", killSwitches.get(i), policies.get(j));
        befores.add(Before.used(spec, true, usage("0.000001", "0", 0)));
        if (i == j) {
          afters.add(spec);
          befores.add(Before.of(spec));
          befores.add(Before.used(spec, false, usage("0", "0", 0)));
          befores.add(Before.used(spec, true, usage("0", "0.25", 0)));
          befores.add(Before.used(spec, true, usage("0", "0", 1)));
        }
      }
    }
    return RightsCase.between(befores, afters);
  }

  private static String usage(String spent, String reserved, int runs) {
    return "{\"spentUsd\":\"%s\",\"reservedUsd\":\"%s\",\"activeRuns\":%d}"
        .formatted(spent, reserved, runs);
  }

  private static String key(String digit, String scopes, String expiresAt) {
    return "{\"name\":\"named-%s\",\"sha256\":\"%s\",\"scopes\":[\"%s\"]%s}"
        .formatted(
            digit,
            digit.repeat(64),
            scopes,
            expiresAt.isEmpty() ? "" : ",\"expiresAt\":\"%s\"".formatted(expiresAt));
  }

  private static String keys(String list) {
    return list.isEmpty() ? "{}" : "{\"apiKeys\":[%s]}".formatted(list);
  }

  private static String budget(Setting setting, String plan, String budget) {
    return json(plan, budget.isEmpty() ? "" : "\"%s\":%s".formatted(setting.specName(), budget));
  }

  private static String runs(String plan, String runs) {
    return json(plan, runs.isEmpty() ? "" : "\"maxConcurrentRuns\":" + runs);
  }

  private static String json(String... fields) {
    return "{%s}"
        .formatted(String.join(",", Stream.of(fields).filter(field -> !field.isEmpty()).toList()));
  }
}
