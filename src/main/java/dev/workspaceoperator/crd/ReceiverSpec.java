package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shape of one entry of {@code spec.notifications} when it is well-formed. */
record ReceiverSpec(
    @Required
        @JsonPropertyDescription(
            "What tells the receiver from the others of this workspace: a DNS label.")
        String name,
    @Required
        @JsonPropertyDescription(
            "Where events are sent by POST, such as https://hooks.example.com/team: at a public"
                + " address, or in a network that the installation allows to workspaces.")
        String url,
    @Required
        @JsonPropertyDescription(
            "Name of the key that signs what is sent: one that whoever runs the installation has"
                + " made for this namespace.")
        String keyName,
    @JsonPropertyDescription("What is sent: budget, kill-switch, override, plan. When absent, all.")
        @Nullable List<String> types) {}
