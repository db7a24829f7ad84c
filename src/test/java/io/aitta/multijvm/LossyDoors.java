package io.aitta.multijvm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * A bad network between the clients of this process and a cluster: now and then a connection that has carried a request
 * carries no answer any more, and breaks a little later. So what was asked is done, and whoever asked does not learn of
 * it, and has to ask again.
 *
 * <p>Clients come by as if we were a web proxy, which gRPC asks this Java VM for; only those connections are concerned that
 * are opened while there is one of us.
 */
final class LossyDoors implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    /** Between one connection that is broken and the next. */
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** How long a connection takes requests without giving answers. */
    private static final Duration SILENCE = Duration.ofMillis(50);

    /** A client's connection and the node's. */
    private static final class Connection {
        final Socket client;
        final Socket node;
        volatile boolean silent;
        volatile boolean lost;

        Connection(Socket client, Socket node) {
            this.client = client;
            this.node = node;
        }
    }

    private final ProxySelector before = ProxySelector.getDefault();
    private final Random random;
    private final ServerSocket door;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicLong answersLost = new AtomicLong();
    private volatile boolean closed;

    private LossyDoors(Set<String> addresses, Random random) throws IOException {
        this.random = random;
        door = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        daemon("lossy-door", this::accept);
        daemon("lossy-trouble", this::trouble);
        ProxySelector.setDefault(new Selector(addresses));
    }

    /** From now on, for those who connect from now on. */
    static LossyDoors before(Cluster cluster, Random random) {
        try {
            var addresses = cluster.nodes().stream().map(node -> node.address).collect(Collectors.toSet());
            return new LossyDoors(addresses, new Random(random.nextLong()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many connections broke with an answer on its way. */
    long answersLost() {
        return answersLost.get();
    }

    private final class Selector extends ProxySelector {
        private final Set<String> addresses;

        Selector(Set<String> addresses) {
            this.addresses = addresses;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return addresses.contains(uri.getHost())
                    ? List.of(new Proxy(Proxy.Type.HTTP, door.getLocalSocketAddress()))
                    : before.select(uri);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException why) {
            before.connectFailed(uri, address, why);
        }
    }

    // ---- the connections ----------------------------------------------------------------------------------------

    private void accept() {
        while (!closed) {
            try {
                var client = door.accept();
                daemon("lossy-client", () -> connect(client));
            } catch (IOException e) {
                if (!closed) {
                    throw new AssertionError("the door broke", e);
                }
            }
        }
    }

    private void connect(Socket client) {
        var node = new Socket();
        try {
            node.connect(destination(client));
            client.setTcpNoDelay(true);
            node.setTcpNoDelay(true);
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            close(client); // nobody listens there: the client is to see just that
            close(node);
            return;
        }
        var connection = new Connection(client, node);
        connections.add(connection);
        daemon("lossy-answers", () -> forwardAnswers(connection));
        forwardRequests(connection);
    }

    /** What a client asks a web proxy for: {@code CONNECT host:port HTTP/1.1}, some headers, and an empty line. */
    private static InetSocketAddress destination(Socket client) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int next = client.getInputStream().read();
            if (next < 0) {
                throw new IOException("no request: " + text);
            }
            text.append((char) next);
        }
        var place = text.toString().split(" ")[1].split(":");
        return new InetSocketAddress(place[0], Integer.parseInt(place[1]));
    }

    private void forwardRequests(Connection connection) {
        var buffer = new byte[BUFFER_BYTES];
        try (InputStream in = connection.client.getInputStream();
                OutputStream out = connection.node.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side is gone, and so is the connection.
        } finally {
            end(connection);
        }
    }

    private void forwardAnswers(Connection connection) {
        var buffer = new byte[BUFFER_BYTES];
        try (InputStream in = connection.node.getInputStream();
                OutputStream out = connection.client.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (connection.silent) {
                    connection.lost = true;
                } else {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // One side is gone, and so is the connection.
        } finally {
            end(connection);
        }
    }

    // ---- the trouble --------------------------------------------------------------------------------------------

    private void trouble() {
        while (!closed) {
            Await.pass(PAUSE);
            var all = List.copyOf(connections);
            if (!all.isEmpty()) {
                var connection = all.get(random.nextInt(all.size()));
                connection.silent = true;
                Await.pass(SILENCE);
                if (connection.lost) {
                    answersLost.incrementAndGet();
                }
                end(connection);
            }
        }
    }

    private void end(Connection connection) {
        connections.remove(connection);
        close(connection.client);
        close(connection.node);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("a socket does not close", e);
        }
    }

    /** The network is as it was; connections that went through us break. */
    @Override
    public void close() {
        closed = true;
        ProxySelector.setDefault(before);
        close(door);
        connections.forEach(this::end);
    }

    private static void close(ServerSocket door) {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
