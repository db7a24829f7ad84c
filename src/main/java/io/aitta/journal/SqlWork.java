package io.aitta.journal;

import java.sql.Connection;
import java.sql.SQLException;

/** Something done on a connection of the journal's, on the journal's threads. */
@FunctionalInterface
interface SqlWork<T> {
    /**
     * @param replica the number of the replica that the work is about; {@link ReplicaNumbers#NONE} if the journal has
     *     nothing of it
     */
    T on(Connection connection, int replica) throws SQLException;
}
