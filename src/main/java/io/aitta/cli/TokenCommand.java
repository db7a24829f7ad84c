package io.aitta.cli;

import io.aitta.security.Grant;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Heading of the commands about tokens. */
@Command(
        name = "token",
        description = {
            "Makes tokens and hashes them.",
            "",
            "Nothing is asked of the cluster: nodes know of tokens what stands in the file that their configuration names"
                    + " (aitta.security.token-file), and read it again when it changes."
        },
        subcommands = {TokenCommand.CreateCommand.class, TokenCommand.HashCommand.class})
final class TokenCommand extends Heading {
    /** Makes a token. */
    @Command(
            name = "create",
            description = {
                "Makes a token, and the line that goes into the nodes' file of tokens.",
                "",
                "The token is shown this once and kept nowhere: give it to its holder. The line holds only its hash."
            },
            footer = {
                "",
                "JSON: {\"token\",\"line\"}",
                "",
                "Examples:",
                "  aitta token create alice admin",
                "  aitta token create orders-app read-write:orders,orders.* read-only:catalog"
            })
    static final class CreateCommand extends ClusterCommand {
        @Parameters(
                index = "0",
                paramLabel = "NAME",
                description = "Whose it is, for the audit log: letters, digits, '@', '.', '_' and '-'.")
        private String name;

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "ROLE[:TABLE,..]",
                description = {
                    "admin, read-write or read-only; each includes those named after it.",
                    "For some tables only, by name or by how it begins (orders.*)."
                })
        private List<String> roles;

        @Override
        public Integer call() {
            var grants = new ArrayList<Grant>();
            String token = Tokens.create();
            String line;
            try {
                roles.forEach(role -> grants.addAll(TokenFile.grants(role)));
                line = TokenFile.line(name, token, grants);
            } catch (IllegalArgumentException wrong) {
                throw CommandFailed.badInput(wrong.getMessage());
            }
            return answer(
                    "token: " + token + "\nline:  " + line,
                    Answers.object().put("token", token).put("line", line));
        }
    }

    /** Hashes a token. */
    @Command(
            name = "hash",
            description = {
                "Prints the hash of a token, as it stands in the nodes' file of tokens.",
                "",
                "The token comes from standard input: on a command line everyone on the machine would see it."
            },
            footer = {"", "JSON: {\"hash\"}", "", "Examples:", "  cat my-token | aitta token hash"})
    static final class HashCommand extends ClusterCommand {
        @Override
        public Integer call() {
            String token =
                    ValueFiles.read(stdin(), "standard input").toStringUtf8().strip();
            if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw CommandFailed.badInput("standard input must be one token and nothing else");
            }
            String hash = Tokens.hashed(token);
            return answer(hash, Answers.object().put("hash", hash));
        }
    }
}
