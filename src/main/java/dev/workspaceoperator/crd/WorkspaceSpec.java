package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.workspace.Setting;
import io.fabric8.crd.generator.annotation.SchemaFrom;
import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest asks for, as it arrived: any field may hold any JSON, null where it is absent.
 * The annotations tell the CRD what it should hold; {@link ManifestReader} reads it.
 *
 * @param unreadable what stood in the place of the spec, if that was not an object at all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkspaceSpec(
    @SchemaFrom(type = String.class)
        @JsonPropertyDescription(
            "Display name, 1 to 120 characters. When absent, the resource's name.")
        @Nullable JsonNode name,
    @SchemaFrom(type = String.class)
        @JsonPropertyDescription(
            "Short name in the REST API and in tokens: a DNS label, unique in the installation."
                + " When absent, the resource's name. Once it is in force it cannot be"
                + " changed.")
        @Nullable JsonNode slug,
    @SchemaFrom(type = String.class)
        @JsonPropertyDescription(
            "What the workspace is entitled to: Basic, Pro, Scale or Enterprise. When absent,"
                + " Basic.")
        @Nullable JsonNode plan,
    @SchemaFrom(type = IntOrString.class)
        @JsonPropertyDescription(
            "Most that the whole workspace may spend in a UTC day, in US dollars: an integer (100),"
                + " a decimal in quotes with at most 6 decimals (\"25.50\"), or \"unlimited\"."
                + " When absent, the value set through the REST API, else the installation's default,"
                + " which is unlimited unless configured.")
        @Nullable JsonNode dailyBudgetUsd,
    @SchemaFrom(type = IntOrString.class)
        @JsonPropertyDescription(
            "Most that each user of the workspace may spend in a UTC day, in US dollars, written as"
                + " dailyBudgetUsd is. Needs plan Pro or higher. When absent, the value set through"
                + " the REST API, else the installation's default, which is unlimited unless"
                + " configured.")
        @Nullable JsonNode userDailyBudgetUsd,
    @SchemaFrom(type = IntOrString.class)
        @JsonPropertyDescription(
            "Most that the whole workspace may spend in a calendar month (UTC), in US dollars,"
                + " written as dailyBudgetUsd is. Needs plan Pro or higher. When absent, the value"
                + " set through the REST API, else unlimited.")
        @Nullable JsonNode monthlyBudgetUsd,
    @SchemaFrom(type = Integer.class)
        @JsonPropertyDescription(
            "Most runs at the same time, 0 to 1000000. Needs plan Pro or higher; on Basic it is 3."
                + " When absent, the value set through the REST API, else the plan's default.")
        @Nullable JsonNode maxConcurrentRuns,
    @SchemaFrom(type = Boolean.class)
        @JsonPropertyDescription(
            "Stops every run and every step of the workspace while true. Needs plan Scale or"
                + " higher. False does not release a stop made through the REST API.")
        @Nullable JsonNode killSwitch,
    @SchemaFrom(type = String.class)
        @JsonPropertyDescription(
            "Why the kill switch is on, shown to whoever is refused; at most 500 characters.")
        @Nullable JsonNode killSwitchReason,
    @SchemaFrom(type = String.class)
        @JsonPropertyDescription(
            "What happens when this resource is deleted. Retain, also when absent: everything"
                + " declared stays in force. Delete: nothing is admitted any more and the slug is"
                + " free.")
        @Nullable JsonNode deletionPolicy,
    @SchemaFrom(type = ApiKeySpec[].class)
        @JsonPropertyDescription(
            "API keys of this workspace, at most 32, told apart by name. Only their hashes.")
        @Nullable JsonNode apiKeys,
    @SchemaFrom(type = ReceiverSpec[].class)
        @JsonPropertyDescription(
            "Who is told by webhook of this workspace's kill switch, budgets, overrides and refused"
                + " plans, beside those whom the installation tells: at most 4 receivers, told apart"
                + " by name.")
        @Nullable JsonNode notifications,
    @JsonIgnore @Nullable JsonNode unreadable) {

  /** What stands in the place of a setting; null where nothing does. */
  @Nullable JsonNode value(Setting setting) {
    return switch (setting) {
      case NAME -> name;
      case DAILY_BUDGET -> dailyBudgetUsd;
      case USER_DAILY_BUDGET -> userDailyBudgetUsd;
      case MONTHLY_BUDGET -> monthlyBudgetUsd;
      case MAX_CONCURRENT_RUNS -> maxConcurrentRuns;
    };
  }

  /** Takes any JSON at all, so that reading a resource never fails. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static WorkspaceSpec of(JsonNode json) {
    return new WorkspaceSpec(
        json.get("name"),
        json.get("slug"),
        json.get("plan"),
        json.get("dailyBudgetUsd"),
        json.get("userDailyBudgetUsd"),
        json.get("monthlyBudgetUsd"),
        json.get("maxConcurrentRuns"),
        json.get("killSwitch"),
        json.get("killSwitchReason"),
        json.get("deletionPolicy"),
        json.get("apiKeys"),
        json.get("notifications"),
        json.isObject() ? null : json);
  }
}
