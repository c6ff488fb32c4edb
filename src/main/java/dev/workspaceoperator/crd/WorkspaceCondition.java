package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** One condition, as {@code metav1.Condition} of Kubernetes has it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record WorkspaceCondition(
    @Required @JsonPropertyDescription("What it is about.") String type,
    @Required @JsonPropertyDescription("True, False or Unknown.") String status,
    @JsonPropertyDescription("The generation that it was judged on.")
        @Nullable Long observedGeneration,
    @Required @JsonPropertyDescription("When the status last changed.") String lastTransitionTime,
    @Required @JsonPropertyDescription("Why, as one CamelCase word.") String reason,
    @Required @JsonPropertyDescription("Why, as a sentence.") String message) {}
