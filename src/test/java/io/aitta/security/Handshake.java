package io.aitta.security;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Has two engines talk in memory. */
public final class Handshake {
    private static final int ROUNDS = 200;
    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
    private final ByteBuffer toClient = ByteBuffer.allocate(1 << 17);

    private Handshake(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
    }

    /**
     * Until a byte has gone each way.
     *
     * @throws SSLException if one side does not accept the other
     */
    public static void between(SSLEngine client, SSLEngine server) throws SSLException {
        new Handshake(client, server).run();
    }

    private void run() throws SSLException {
        boolean clientGot = false;
        boolean serverGot = false;
        for (int i = 0; i < ROUNDS && !(clientGot && serverGot); i++) {
            write(client, toServer);
            serverGot |= read(server, toServer);
            write(server, toClient);
            clientGot |= read(client, toClient);
        }
        if (!clientGot || !serverGot) {
            throw new SSLException("the two do not come to an end");
        }
    }

    private static void write(SSLEngine from, ByteBuffer wire) throws SSLException {
        work(from);
        from.wrap(ByteBuffer.wrap(new byte[] {1}), wire);
        work(from);
    }

    private static boolean read(SSLEngine to, ByteBuffer wire) throws SSLException {
        wire.flip();
        var got = ByteBuffer.allocate(1 << 17);
        while (wire.hasRemaining() && to.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            to.unwrap(wire, got);
            work(to);
        }
        wire.compact();
        return got.position() > 0;
    }

    private static void work(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }
}
