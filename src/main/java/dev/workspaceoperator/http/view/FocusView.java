package dev.workspaceoperator.http.view;

import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.UsageBooks.UserDay;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * What a workspace spent as lines of FOCUS 1.2 (FinOps Open Cost and Usage Specification), a line
 * for what one user spent on one day. The billing account is the cluster, the sub account the
 * workspace; a month is a billing period. There are no prices of units here, so the four costs are
 * one, and what is priced is the day of a user.
 */
public final class FocusView {
  /** The names of the columns: all that are mandatory, and those of the others that apply. */
  public static final String HEADER =
      Csv.line(
          "BilledCost",
          "BillingAccountId",
          "BillingAccountName",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeClass",
          "ChargeDescription",
          "ChargeFrequency",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ContractedCost",
          "EffectiveCost",
          "InvoiceIssuerName",
          "ListCost",
          "PricingQuantity",
          "PricingUnit",
          "ProviderName",
          "PublisherName",
          "ServiceCategory",
          "ServiceName",
          "ServiceSubcategory",
          "SubAccountId",
          "SubAccountName",
          "x_UserId");

  private static final String PROVIDER = "Workspace Operator";
  private static final DateTimeFormatter START_OF_DAY =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssX");

  private final String cluster;
  private final String workspaceId;
  private final String workspaceName;

  /** The lines of this workspace. */
  public FocusView(Snapshot snapshot, PlanDefaults defaults) {
    EffectiveSettings effective = snapshot.effective(defaults);
    this.cluster = snapshot.workspace().identity().cluster();
    this.workspaceId = snapshot.workspace().id().toString();
    this.workspaceName = Csv.text(effective.text(Setting.NAME).value());
  }

  /** The line of a day. */
  public String line(UserDay day) {
    String cost = day.spent().toString();
    LocalDate month = day.day().withDayOfMonth(1);
    return Csv.line(
        cost,
        cluster,
        cluster,
        "USD",
        start(month.plusMonths(1)),
        start(month),
        "Usage",
        "",
        "Runs of one user on one day",
        "Usage-Based",
        start(day.day().plusDays(1)),
        start(day.day()),
        cost,
        cost,
        PROVIDER,
        cost,
        "1",
        "User-Days",
        PROVIDER,
        PROVIDER,
        "AI and Machine Learning",
        "Agent Runs",
        "Generative AI",
        workspaceId,
        workspaceName,
        Csv.text(day.userId()));
  }

  private static String start(LocalDate day) {
    return START_OF_DAY.format(day.atStartOfDay(ZoneOffset.UTC));
  }
}
