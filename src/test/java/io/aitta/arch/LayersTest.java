package io.aitta.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.aitta.Main;
import org.junit.jupiter.api.Test;

/** The rooms of the house, and which door leads where. ARCHITECTURE.md tells why. */
class LayersTest {
    private static final JavaClasses AITTA = new ClassFileImporter()
            .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void coreKnowsNoActorsClocksThreadsChanceOrLogs() {
        noClasses()
                .that()
                .resideInAPackage("io.aitta.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.pekko..",
                        "org.slf4j..",
                        "java.util.concurrent..",
                        "java.time..",
                        "java.sql..",
                        "org.rocksdb..")
                .check(AITTA);
        noClasses()
                .that()
                .resideInAPackage("io.aitta.core..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(java.util.Random.class, Thread.class)
                .check(AITTA);
    }

    @Test
    void theReplicationCoreKnowsNoRecords() {
        noClasses()
                .that()
                .resideInAnyPackage("io.aitta.core.replication..", "io.aitta.core.topology..", "io.aitta.core.hash..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.aitta.proto..", "com.google.protobuf..")
                .check(AITTA);
    }

    @Test
    void aClientNeedsNoServer() {
        noClasses()
                .that()
                .resideInAPackage("io.aitta.client..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.pekko..",
                        "io.aitta.core.kv..",
                        "io.aitta.core.replication..",
                        "io.aitta.core.topology..",
                        "io.aitta.store..",
                        "io.aitta.journal..")
                .check(AITTA);
    }

    /** A page of a scan is laid out once, by the store, and handed up as it is. */
    @Test
    void theGatewayKnowsOfTheStoreWhatPartitionsHandOutAndNoMore() {
        noClasses()
                .that()
                .resideInAPackage("io.aitta.gateway..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.aitta.store..")
                        .and(not(nameMatching(
                                "io\\.aitta\\.store\\.ReplicaStore\\$" + "(Page|Row|Estimate|Changes|Changed)"))))
                .check(AITTA);
    }

    @Test
    void dependenciesPointDown() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("root")
                .definedBy("io.aitta")
                .layer("cli")
                .definedBy("io.aitta.cli..")
                .layer("tools")
                .definedBy("io.aitta.bench..", "io.aitta.transfer..", "io.aitta.backup..")
                .layer("client")
                .definedBy("io.aitta.client..")
                .layer("gateway")
                .definedBy("io.aitta.gateway..")
                .layer("admin")
                .definedBy("io.aitta.admin..")
                .layer("orchestrator")
                .definedBy("io.aitta.orchestrator..")
                .layer("partition")
                .definedBy("io.aitta.partition..")
                .layer("inspect")
                .definedBy("io.aitta.inspect..")
                .layer("store")
                .definedBy("io.aitta.store..")
                .layer("journal")
                .definedBy("io.aitta.journal..")
                .layer("security")
                .definedBy("io.aitta.security..")
                .layer("metrics")
                .definedBy("io.aitta.metrics..")
                .layer("config")
                .definedBy("io.aitta.config..")
                .layer("core")
                .definedBy("io.aitta.core..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("root")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("tools")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("client")
                .mayOnlyBeAccessedByLayers("cli", "tools")
                .whereLayer("gateway")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("admin")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("orchestrator")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("partition")
                .mayOnlyBeAccessedByLayers("root", "gateway", "orchestrator")
                .whereLayer("inspect")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("root", "partition", "gateway", "inspect")
                .whereLayer("security")
                .mayOnlyBeAccessedByLayers("root", "cli", "gateway", "admin")
                .whereLayer("journal")
                .mayOnlyBeAccessedByLayers("root", "partition", "inspect")
                .whereLayer("metrics")
                .mayOnlyBeAccessedByLayers("root", "gateway", "partition", "journal")
                .check(AITTA);
    }
}
