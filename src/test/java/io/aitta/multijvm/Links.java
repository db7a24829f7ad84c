package io.aitta.multijvm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network between the nodes. Every node has an address of its own in 127.0.0.0/8 and is known to the others by a port
 * that is ours: we forward what comes in there to the port where the node really listens. A connection's source address
 * tells who has opened it, so a pair of nodes can be cut off from each other: what they send then is neither delivered
 * nor refused, as in a network that drops packets, and goes on where it was once the link is healed.
 */
final class Links implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    /** Two nodes, by address, in either direction. */
    private record Pair(String one, String other) {
        static Pair of(String a, String b) {
            return a.compareTo(b) < 0 ? new Pair(a, b) : new Pair(b, a);
        }
    }

    private final Object lock = new Object();
    private final Set<Pair> cut = new HashSet<>();
    private final Map<Socket, Pair> sockets = new ConcurrentHashMap<>();
    private final Set<ServerSocket> doors = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Opens the port by which a node is known.
     *
     * @param address the node's
     * @param realPort where it listens
     * @return the port by which it is known
     */
    int open(String address, int realPort) throws IOException {
        var door = new ServerSocket(0, 128, InetAddress.getByName(address));
        doors.add(door);
        daemon("link-to-" + address, () -> accept(door, address, realPort));
        return door.getLocalPort();
    }

    void cut(String a, String b) {
        synchronized (lock) {
            cut.add(Pair.of(a, b));
        }
    }

    /** Breaks the connections of a pair that there are, as a router that has lost its memory does. */
    void reset(String a, String b) {
        sockets.forEach((socket, pair) -> {
            if (pair.equals(Pair.of(a, b))) {
                close(socket);
            }
        });
    }

    /** All pairs can talk again. */
    void heal() {
        synchronized (lock) {
            cut.clear();
            lock.notifyAll();
        }
    }

    private void accept(ServerSocket door, String address, int realPort) {
        while (!closed) {
            try {
                var from = door.accept();
                var pair = Pair.of(from.getInetAddress().getHostAddress(), address);
                sockets.put(from, pair);
                daemon("link-from-" + pair, () -> connect(from, pair, address, realPort));
            } catch (IOException e) {
                if (!closed) {
                    throw new AssertionError("the link to " + address + " broke", e);
                }
            }
        }
    }

    private void connect(Socket from, Pair pair, String address, int realPort) {
        try {
            awaitHealed(pair);
            var to = new Socket();
            sockets.put(to, pair);
            to.connect(new InetSocketAddress(address, realPort));
            from.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            daemon("link-back-" + pair, () -> forward(to, from, pair));
            forward(from, to, pair);
        } catch (IOException e) {
            close(from); // nobody listens there: the other side is to see just that
        }
    }

    private void forward(Socket from, Socket to, Pair pair) {
        var buffer = new byte[BUFFER_BYTES];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                awaitHealed(pair);
                out.write(buffer, 0, n);
            }
            awaitHealed(pair); // not even that the other side is gone gets through
        } catch (IOException e) {
            // One side is gone, and so is the connection.
        } finally {
            close(from);
            close(to);
        }
    }

    private void awaitHealed(Pair pair) throws IOException {
        synchronized (lock) {
            while (cut.contains(pair)) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    throw new IOException("interrupted", e);
                }
                if (closed) {
                    throw new IOException("closed");
                }
            }
        }
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("a socket does not close", e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (var door : doors) {
            door.close();
        }
        heal();
        sockets.keySet().forEach(this::close);
    }

    private static void daemon(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
