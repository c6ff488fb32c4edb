package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.KubernetesOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.util.Optional;

/**
 * What the role {@code controller} is told; every value is checked.
 *
 * @param receiverRules what receivers of notifications manifests may name
 * @param leaseNamespace where the Lease is kept; empty to lead without an election
 * @param traces where its spans are told; the role ends it
 * @param instance the name of this process in the Lease and in events
 */
public record ControllerSettings(
    DatabaseSettings database,
    AuditChain audit,
    KubernetesOptions.Values kubernetes,
    PlanDefaults planDefaults,
    ReceiverRules receiverRules,
    Optional<String> leaseNamespace,
    String instance,
    int threads,
    ListenAddress management,
    WorkspaceLabel workspaceLabel,
    TraceExport traces) {}
