package io.aitta.admin;

import io.aitta.security.Access;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.headers.Host;

/**
 * Where there are no tokens: who is on this machine may do everything, all others may ask for health. Somebody's web page
 * in a browser on this machine is not on this machine: it is known by the name it was loaded from.
 */
public final class LoopbackGuard implements HttpGuard {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");

    private static final String ANYONE = Access.OPEN.caller(null).name();

    private final String ownHost;
    private final boolean everyone;

    /** @param ownHost by which the node is reached */
    public LoopbackGuard(String ownHost) {
        this(ownHost, false);
    }

    /** @param everyone whether it was said that all machines that reach the node are as this one is */
    public LoopbackGuard(String ownHost, boolean everyone) {
        this.ownHost = ownHost;
        this.everyone = everyone;
    }

    @Override
    public Verdict judge(HttpRequest request, Wanted wanted) {
        return new Verdict(ANYONE, refusal(request, wanted));
    }

    private Optional<Refusal> refusal(HttpRequest request, Wanted wanted) {
        if (wanted.need() == Need.NOTHING) {
            return Optional.empty();
        }
        boolean isHere = request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(RemoteAddress::getAddress)
                .filter(InetAddress::isLoopbackAddress)
                .isPresent();
        if (!isHere && !everyone) {
            return Optional.of(new Refusal(
                    403,
                    "NOT_ON_LOOPBACK",
                    "without tokens this port answers callers on its own machine only, but for /startup, /ready and"
                            + " /alive"));
        }
        // A page of another site whose name was made to lead here (DNS rebinding).
        return request.getHeader(Host.class)
                .map(host -> host.host().address())
                .filter(host -> !isOurs(host))
                .map(host -> new Refusal(
                        403,
                        "STRANGE_HOST",
                        "this port is not reached as '" + shortened(host) + "'; use an address, localhost or "
                                + ownHost));
    }

    private boolean isOurs(String host) {
        return host.isEmpty()
                || host.equalsIgnoreCase("localhost")
                || host.equalsIgnoreCase(ownHost)
                || ADDRESS.matcher(host).matches();
    }

    private static String shortened(String host) {
        return host.length() <= 80 ? host : host.substring(0, 80) + "...";
    }
}
