package io.aitta.journal;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.jdbc.db.SlickDatabase;
import org.apache.pekko.persistence.jdbc.db.SlickDatabaseProvider;
import slick.jdbc.H2Profile$;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;

/**
 * What the plugins are given instead of a Slick database ({@code pekko-persistence-jdbc.database-provider-fqcn}): they hand
 * it on to the DAOs, which do not use it, so there is none, and no second pool of connections and threads.
 */
public final class NoSlick implements SlickDatabaseProvider {
    public NoSlick(ActorSystem system) {}

    @Override
    public SlickDatabase database(Config config) {
        return new SlickDatabase() {
            @Override
            public JdbcBackend.JdbcDatabaseDef database() {
                return null;
            }

            @Override
            public JdbcProfile profile() {
                return H2Profile$.MODULE$;
            }

            @Override
            public boolean allowShutdown() {
                return false;
            }
        };
    }
}
