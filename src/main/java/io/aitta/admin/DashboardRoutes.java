package io.aitta.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.CacheControl;
import org.apache.pekko.http.javadsl.model.headers.CacheDirectives;
import org.apache.pekko.http.javadsl.model.headers.EntityTag;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.util.ByteString;

/**
 * The dashboard: a page at {@code /} and its parts below {@code /dashboard/}. They are the same for everybody and tell
 * nothing of the cluster, so they need no token: the page asks the admin API for all that it shows, and that asks for one.
 *
 * <p>The browser is told to run and load nothing that does not come from this node, and to let no data become markup. The
 * files are few, read once and kept; a browser that has them already is answered 304. Any thread may use the routes.
 */
public final class DashboardRoutes {
    /** What there is below {@link #PARTS}. A path is one of these or none, so no path leads anywhere else. */
    static final List<String> FILES = List.of(
            PageFile.PAGE,
            "style.css",
            "icon.svg",
            "theme.js",
            "app.js",
            "api.js",
            "chart.js",
            "dom.js",
            "format.js",
            "keys.js",
            "map.js",
            "model.js",
            "panels.js");

    static final String PARTS = "dashboard";

    private static final String CONTENT_SECURITY_POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");

    private static final List<HttpHeader> HEADERS = List.of(
            RawHeader.create("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            RawHeader.create("X-Content-Type-Options", "nosniff"),
            RawHeader.create("Referrer-Policy", "no-referrer"),
            RawHeader.create("Cross-Origin-Opener-Policy", "same-origin"),
            RawHeader.create("Cross-Origin-Resource-Policy", "same-origin"),
            // Kept, but asked for again each time: after an upgrade nobody sees parts of two versions.
            CacheControl.create(CacheDirectives.NO_CACHE));

    private DashboardRoutes() {}

    /** @throws IllegalStateException if this build lacks a part of the page */
    public static Route create() {
        var routes = FILES.stream().map(DashboardRoutes::route).toArray(Route[]::new);
        return Directives.concat(routes[0], Arrays.copyOfRange(routes, 1, routes.length));
    }

    private static Route route(String name) {
        var file = PageFile.read(name);
        return name.equals(PageFile.PAGE)
                ? Directives.pathSingleSlash(() -> served(file))
                : Directives.pathPrefix(PARTS, () -> Directives.path(name, () -> served(file)));
    }

    private static Route served(PageFile file) {
        var response = HttpResponse.create().withEntity(HttpEntities.create(file.type(), file.content()));
        Route route = Directives.respondWithHeaders(
                HEADERS, () -> Directives.conditional(file.tag(), () -> Directives.complete(response)));
        return Directives.concat(Directives.get(() -> route), Directives.head(() -> route));
    }

    /** A part of the page. */
    private record PageFile(ContentType type, ByteString content, EntityTag tag) {
        private static final String RESOURCES = "/aitta/dashboard/";
        private static final String PAGE = "index.html";

        private static final Map<String, ContentType> TYPES = Map.of(
                "html", ContentTypes.TEXT_HTML_UTF8,
                "css", ContentTypes.create(MediaTypes.TEXT_CSS, HttpCharsets.UTF_8),
                "js", ContentTypes.create(MediaTypes.APPLICATION_JAVASCRIPT, HttpCharsets.UTF_8),
                "svg", ContentTypes.create(MediaTypes.IMAGE_SVG_XML));

        static PageFile read(String name) {
            try (var in = DashboardRoutes.class.getResourceAsStream(RESOURCES + name)) {
                if (in == null) {
                    throw new IllegalStateException("this build lacks " + RESOURCES + name + ": build it anew");
                }
                byte[] bytes = in.readAllBytes();
                return new PageFile(
                        TYPES.get(name.substring(name.lastIndexOf('.') + 1)),
                        ByteString.fromArrayUnsafe(bytes),
                        EntityTag.create(digest(bytes), false));
            } catch (IOException e) {
                throw new UncheckedIOException(RESOURCES + name + " cannot be read", e);
            }
        }

        private static String digest(byte[] bytes) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 12);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }
}
