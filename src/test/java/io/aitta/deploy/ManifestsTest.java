package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.cli.StartCommands;
import io.aitta.config.ServeOptions;
import io.aitta.config.Settings;
import io.aitta.security.Handshake;
import io.aitta.security.Security;
import io.aitta.security.TestCa;
import io.aitta.security.Tokens;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests for Kubernetes: objects that exist there, and that agree with each other and with a node's settings. */
class ManifestsTest {
    private static final int REPLICAS = 3;

    private final Manifests plain = Manifests.in("kubernetes", UnaryOperator.identity());
    private final StatefulSet nodes = plain.get(StatefulSet.class, "aitta");
    private final PodSpec pod = nodes.getSpec().getTemplate().getSpec();
    private final Container container = pod.getContainers().get(0);
    private final Settings defaults = Settings.load(ServeOptions.NONE);

    @TempDir
    Path dir;

    @Test
    void aFieldThatTheApiDoesNotHaveIsFound() {
        assertThatThrownBy(() -> Manifests.parse(
                        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {publishNotReady: true}}"))
                .hasMessageContaining("publishNotReady");
        assertThatThrownBy(() -> Manifests.parse("{apiVersion: v1, apiVersion: v1, kind: Service}"))
                .hasMessageContaining("Duplicate");
    }

    @Test
    void thePostgresVariantReplacesTheConfigurationAndOpensTheWayToTheDatabase() {
        var variant = Manifests.in("kubernetes/postgres", UnaryOperator.identity());
        assertThat(variant.objects()).containsOnlyKeys("ConfigMap aitta-config", "NetworkPolicy aitta-postgres");
        var settings = start(variant.get(ConfigMap.class, "aitta-config"), 0);
        assertThat(settings.config().getString("aitta.journal.backend")).isEqualTo("postgres");
        assertThat(settings.config().getString("aitta.journal.postgres.url")).contains(":5432/");
        assertThat(variant.get(NetworkPolicy.class, "aitta-postgres")
                        .getSpec()
                        .getEgress()
                        .get(0)
                        .getPorts()
                        .get(0)
                        .getPort()
                        .getIntVal())
                .isEqualTo(5432);
    }

    @Test
    void everyPodStartsWithSettingsThatAreRightAndWithItsOwnName() {
        var config = plain.get(ConfigMap.class, "aitta-config");
        assertThat(nodes.getSpec().getReplicas()).isEqualTo(REPLICAS);
        var hosts = new HashSet<String>();
        for (int i = 0; i < REPLICAS; i++) {
            var settings = start(config, i);
            String host = "aitta-" + i + "." + nodes.getSpec().getServiceName() + ".db.svc.cluster.local";
            assertThat(settings.node().id()).hasToString("Optional[aitta-" + i + "]");
            assertThat(settings.node().host()).isEqualTo(host);
            assertThat(settings.node().seeds().get(i))
                    .isEqualTo(host + ":" + settings.node().clusterPort());
            assertThat(settings.node().seeds()).hasSize(REPLICAS);
            assertThat(settings.config().getInt("aitta.bootstrap.expect-nodes")).isEqualTo(REPLICAS);
            assertThat(value("AITTA_ENDPOINTS", i))
                    .isEqualTo(host + ":" + settings.grpc().port());
            assertThat(container.getVolumeMounts()).anyMatch(mount -> mount.getMountPath()
                    .equals(settings.node().dataDir().toString()));
            hosts.add(host);
        }
        assertThat(hosts).hasSize(REPLICAS);
    }

    /** The Secrets as docs/DEPLOYMENT.md has them made. */
    @Test
    void podsProtectThemselvesWithWhatTheSecretsHoldAndAcceptEachOtherByName() throws Exception {
        String pods = nodes.getSpec().getServiceName() + ".db.svc.cluster.local";
        var ca = new TestCa(dir.resolve("certs"), "aitta=*." + pods + ",aitta.db.svc");
        Files.copy(ca.certificate("aitta"), dir.resolve("tls.crt"));
        Files.copy(ca.key("aitta"), dir.resolve("tls.key"));
        Files.copy(ca.authority(), dir.resolve("ca.crt"));
        Files.writeString(dir.resolve("tokens"), "pod " + Tokens.hashed(Tokens.create()) + " read-only\n");
        assertThat(pod.getVolumes().get(0).getProjected().getSources().stream()
                        .filter(source -> source.getSecret() != null)
                        .map(source -> source.getSecret().getName()))
                .containsExactly("aitta-tokens", "aitta-tls");
        assertThat(value("AITTA_CA", 0)).isEqualTo("/etc/aitta/ca.crt");
        assertThat(value("AITTA_TOKEN_FILE", 0)).isEqualTo("/etc/aitta/pod-token");
        var variant = Manifests.in("kubernetes/postgres", UnaryOperator.identity());
        for (var config :
                List.of(plain.get(ConfigMap.class, "aitta-config"), variant.get(ConfigMap.class, "aitta-config"))) {
            try (var one = Security.open(start(config, 0));
                    var other = Security.open(start(config, 1))) {
                assertThat(one.isInsecure()).isFalse();
                assertThat(one.protection().tls()).isPresent();
                Handshake.between(
                        one.nodeTls().orElseThrow().createClientSSLEngine("aitta-1." + pods, 7401),
                        other.nodeTls().orElseThrow().createServerSSLEngine("aitta-1." + pods, 7401));
                assertThatThrownBy(() -> Handshake.between(
                                one.nodeTls().orElseThrow().createClientSSLEngine("elsewhere.example.com", 7401),
                                other.nodeTls().orElseThrow().createServerSSLEngine("elsewhere.example.com", 7401)))
                        .isInstanceOf(SSLException.class);
            }
        }
    }

    @Test
    void portsAreThoseThatTheNodeListensOn() {
        assertThat(ports()).containsExactlyInAnyOrderEntriesOf(realPorts());
        for (String name : List.of("aitta", "aitta-nodes")) {
            var service = plain.get(Service.class, name);
            assertThat(service.getSpec().getSelector()).isEqualTo(labels());
            assertThat(service.getSpec().getPorts()).allSatisfy(port -> {
                assertThat(port.getTargetPort().getStrVal()).isEqualTo(port.getName());
                assertThat(port.getPort()).isEqualTo(realPorts().get(port.getName()));
            });
        }
        var policy = plain.get(NetworkPolicy.class, "aitta").getSpec();
        assertThat(policy.getPodSelector().getMatchLabels()).isEqualTo(labels());
        var fromNodes = policy.getIngress().get(0);
        assertThat(fromNodes.getFrom().get(0).getPodSelector().getMatchLabels()).isEqualTo(labels());
        assertThat(fromNodes.getPorts().stream().map(port -> port.getPort().getIntVal()))
                .containsExactlyInAnyOrderElementsOf(realPorts().values());
        var fromClients = policy.getIngress().get(1);
        assertThat(fromClients.getPorts()).singleElement().satisfies(port -> assertThat(
                        port.getPort().getIntVal())
                .isEqualTo(defaults.grpc().port()));
        assertThat(policy.getIngress().get(2).getPorts()).singleElement().satisfies(port -> assertThat(
                        port.getPort().getIntVal())
                .isEqualTo(defaults.http().port()));
        assertThat(policy.getPolicyTypes()).containsExactly("Ingress", "Egress");
    }

    @Test
    void probesAskTheRoutesThatThereAre() {
        probe(container.getStartupProbe(), "startup-path");
        probe(container.getReadinessProbe(), "readiness-path");
        probe(container.getLivenessProbe(), "liveness-path");
    }

    private void probe(Probe probe, String key) {
        assertThat(probe.getHttpGet().getPath())
                .isEqualTo("/" + defaults.config().getString("pekko.management.health-checks." + key));
        assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http");
        assertThat(probe.getHttpGet().getScheme()).isEqualTo("HTTPS");
        Duration answer = defaults.config().getDuration("pekko.management.health-checks.check-timeout");
        if (probe.getTimeoutSeconds() != null) {
            assertThat(Duration.ofSeconds(probe.getTimeoutSeconds())).isGreaterThan(answer);
        }
    }

    @Test
    void nodesFindEachOtherBeforeTheyAreReadyAndAtOnce() {
        var headless =
                plain.get(Service.class, nodes.getSpec().getServiceName()).getSpec();
        assertThat(headless.getClusterIP()).isEqualTo("None");
        assertThat(headless.getPublishNotReadyAddresses()).isTrue();
        assertThat(nodes.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        assertThat(nodes.getSpec().getSelector().getMatchLabels()).isEqualTo(labels());
        assertThat(pod.getEnableServiceLinks()).isFalse();
    }

    @Test
    void oneNodeAtATimeIsDisturbedAndEachHasTimeToHandOver() {
        var budget = plain.get(PodDisruptionBudget.class, "aitta").getSpec();
        assertThat(budget.getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(budget.getSelector().getMatchLabels()).isEqualTo(labels());
        List<String> before = container.getLifecycle().getPreStop().getExec().getCommand();
        assertThat(before).startsWith("/bin/sh", "-c").last().isEqualTo("aitta wait-healthy --timeout 2m; sleep 5");
        StartCommands.check(List.of("wait-healthy", "--timeout", "2m"));
        var shutdown = defaults.config().getConfig("pekko.coordinated-shutdown");
        Duration phases = shutdown.getDuration("phases.before-service-unbind.timeout")
                .plus(shutdown.getDuration("phases.service-unbind.timeout"))
                .plus(shutdown.getDuration("default-phase-timeout").multipliedBy(6));
        assertThat(Duration.ofSeconds(pod.getTerminationGracePeriodSeconds()))
                .isGreaterThan(Duration.ofSeconds(125).plus(phases));
    }

    @Test
    void replicasStandOnDifferentMachinesAndNobodyIsRoot() {
        assertThat(pod.getTopologySpreadConstraints())
                .extracting("topologyKey")
                .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
        assertThat(pod.getTopologySpreadConstraints())
                .allSatisfy(spread ->
                        assertThat(spread.getLabelSelector().getMatchLabels()).isEqualTo(labels()));
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(ImageTest.user());
    }

    @Test
    void everyMountHasItsVolume() {
        Set<String> volumes =
                pod.getVolumes().stream().map(volume -> volume.getName()).collect(Collectors.toSet());
        nodes.getSpec()
                .getVolumeClaimTemplates()
                .forEach(claim -> volumes.add(claim.getMetadata().getName()));
        assertThat(container.getVolumeMounts().stream().map(mount -> mount.getName()))
                .containsExactlyInAnyOrderElementsOf(volumes);
    }

    private Settings start(ConfigMap config, int pod) {
        try {
            String mounted = container.getVolumeMounts().stream()
                    .filter(mount -> mount.getName().equals("config"))
                    .map(mount -> mount.getMountPath() + "/")
                    .findFirst()
                    .orElseThrow();
            Path file = Files.writeString(
                    dir.resolve("node.conf"), config.getData().get("node.conf").replace(mounted, dir + "/"));
            var words = container.getArgs().stream()
                    .map(word -> expanded(word, pod).replace("/etc/aitta/node.conf", file.toString()))
                    .toList();
            return Settings.load(StartCommands.serve(words));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String value(String variable, int pod) {
        Map<String, EnvVar> environment =
                container.getEnv().stream().collect(Collectors.toMap(EnvVar::getName, Function.identity()));
        return expanded(environment.get(variable).getValue(), pod);
    }

    private static String expanded(String text, int pod) {
        return text.replace("$(POD_NAME)", "aitta-" + pod).replace("$(POD_NAMESPACE)", "db");
    }

    private Map<String, String> labels() {
        return nodes.getSpec().getTemplate().getMetadata().getLabels();
    }

    private Map<String, Integer> ports() {
        return container.getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
    }

    private Map<String, Integer> realPorts() {
        return Map.of(
                "grpc", defaults.grpc().port(),
                "cluster", defaults.node().clusterPort(),
                "http", defaults.http().port());
    }
}
