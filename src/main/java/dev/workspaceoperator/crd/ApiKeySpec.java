package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shape of one entry of {@code spec.apiKeys} when it is well-formed. */
record ApiKeySpec(
    @Required @JsonPropertyDescription("What tells the key from the others of this workspace.")
        String name,
    @Required
        @JsonPropertyDescription(
            "SHA-256 of the whole key as 64 lower-case hex digits, as \"printf %s KEY | sha256sum\""
                + " prints it.")
        String sha256,
    @Required
        @JsonPropertyDescription(
            "What the key may do: workspace:read, workspace:write, workspace:override,"
                + " kill-switch:write, runs:write, keys:write.")
        List<String> scopes,
    @JsonPropertyDescription(
            "When the key ends (RFC 3339, such as 2030-01-31T00:00:00Z). When absent, never.")
        @Nullable String expiresAt) {}
