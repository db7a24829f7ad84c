package io.aitta.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which number stands for which persistence id. All are held in memory; only the writer changes them, after the database
 * has, so that a reader never sees a number that is gone.
 */
final class ReplicaNumbers {
    static final int NONE = 0;

    private final Map<String, Integer> numbers = new ConcurrentHashMap<>();

    int of(String persistenceId) {
        return numbers.getOrDefault(persistenceId, NONE);
    }

    Set<String> persistenceIds() {
        return Set.copyOf(numbers.keySet());
    }

    void load(Connection connection) throws SQLException {
        numbers.clear();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT persistence_id, replica FROM aitta_replica")) {
            while (rows.next()) {
                numbers.put(rows.getString(1), rows.getInt(2));
            }
        }
    }

    /** Gives a new persistence id its number and commits that; it is forced with whatever is committed next. */
    void assign(Connection connection, String persistenceId) throws SQLException {
        if (numbers.containsKey(persistenceId)) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO aitta_replica(persistence_id, deleted_to) VALUES (?, 0)", new String[] {"replica"})) {
            insert.setString(1, persistenceId);
            insert.executeUpdate();
            try (ResultSet keys = insert.getGeneratedKeys()) {
                keys.next();
                int number = keys.getInt(1);
                connection.commit();
                numbers.put(persistenceId, number);
            }
        }
    }

    void forget(String persistenceId) {
        numbers.remove(persistenceId);
    }
}
