package dev.workspaceoperator.controller;

/**
 * Something that a manifest asks for is not in force, and waiting alone will not help.
 *
 * @param reason why
 * @param message what to do about it, in full sentences
 */
public record Stall(Reason reason, String message) {}
