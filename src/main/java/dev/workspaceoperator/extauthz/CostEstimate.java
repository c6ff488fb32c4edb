package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.http.server.Problem;
import dev.workspaceoperator.http.server.Problem.FieldError;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a request may cost at most, and what it says of itself.
 *
 * @param maxCost empty for the default reservation
 * @param model as the body names it
 * @param pricedModel the same if it has a price, to settle by
 * @param isDearer whether a dearer tier than the standard one is asked for
 * @param user the body's, for whoever names no other
 */
record CostEstimate(
    Optional<MicroUsd> maxCost,
    Optional<String> model,
    Optional<String> pricedModel,
    boolean isDearer,
    Optional<String> user) {

  /**
   * Works it out: the header, else the price of the body's model, else the default.
   *
   * @throws ProblemException if it cannot be told and the default is not to be taken
   */
  static CostEstimate of(
      CheckedRequest request, Optional<PriceList> prices, ExtAuthzSettings settings) {
    Optional<MicroUsd> told =
        settings.clientSays(ClientHeader.MAX_COST)
            ? request.header(CheckedRequest.MAX_COST).map(CostEstimate::maxCost)
            : Optional.empty();
    if (request.isRead()) {
      return new CostEstimate(
          Optional.of(told.orElse(MicroUsd.ZERO)),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty());
    }
    boolean mayGuess = told.isPresent() || prices.isEmpty() || settings.reserveUnpriced();
    Optional<ModelRequest> body = body(request, mayGuess);
    Optional<String> model = body.flatMap(ModelRequest::model);
    Optional<MicroUsd> priced =
        told.isPresent() || prices.isEmpty()
            ? Optional.empty()
            : body.flatMap(it -> priced(it, request.length(), prices.get(), mayGuess));
    return new CostEstimate(
        told.or(() -> priced),
        model,
        model.filter(name -> prices.flatMap(list -> list.of(name)).isPresent()),
        body.map(ModelRequest::isDearer).orElse(false),
        body.flatMap(ModelRequest::user));
  }

  private static Optional<ModelRequest> body(CheckedRequest request, boolean mayGuess) {
    if (request.isCut()) {
      if (mayGuess) {
        return Optional.empty();
      }
      throw new ProblemException(
          ProblemCode.PAYLOAD_TOO_LARGE,
          request.shownBytes() == 0
              ? "The gateway shows no body, so that nothing can be told of the cost. Its administrator sets with_request_body in its ext_authz filter."
              : "The body has more than the %d bytes that the gateway shows, so that nothing can be told of its cost. Send less, or have max_request_bytes raised, or send %s."
                  .formatted(request.shownBytes(), CheckedRequest.MAX_COST));
    }
    try {
      return Optional.of(ModelRequest.read(request.body(), request.path()));
    } catch (ProblemException e) {
      if (mayGuess) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Optional<MicroUsd> priced(
      ModelRequest body, long bytes, PriceList prices, boolean mayGuess) {
    String model = body.model().orElse("");
    Optional<ModelPrice> price = prices.of(model);
    if (price.isEmpty()) {
      return unpriced(
          "#/model",
          model.isEmpty()
              ? "It must be there, and be the name of a model: its price decides what is reserved."
              : "The model %s has no price here. Use another one, or have it added to the price file."
                  .formatted(model),
          mayGuess);
    }
    OptionalLong input = input(body, bytes, price.get());
    if (input.isEmpty()) {
      return unpriced(
          "#/model",
          "The request names input that is kept elsewhere, and the price file does not say how much the model %s takes."
              .formatted(model),
          mayGuess);
    }
    // Asked for above what the model makes, it still makes no more.
    long ofModel = price.get().outputMax().orElse(Long.MAX_VALUE);
    long each = Math.min(body.outputMax().orElse(Long.MAX_VALUE), ofModel);
    boolean isFreeOutput = price.get().highestOutput().signum() == 0;
    if (each == Long.MAX_VALUE && !isFreeOutput) {
      return unpriced(
          "#/max_tokens",
          "It must be there, or what this API calls it: nothing else says how much the model %s may answer."
              .formatted(model),
          mayGuess);
    }
    long output = isFreeOutput ? 0 : Saturated.product(each, body.answers());
    return Optional.of(price.get().highest(input.getAsLong(), output));
  }

  /** A token is a byte at least; of one text a model takes no more than it says. */
  private static OptionalLong input(ModelRequest body, long bytes, ModelPrice price) {
    if (body.hasMore()) {
      return price.inputMax();
    }
    return OptionalLong.of(
        body.isBatch() ? bytes : Math.min(bytes, price.inputMax().orElse(Long.MAX_VALUE)));
  }

  private static Optional<MicroUsd> unpriced(String pointer, String detail, boolean mayGuess) {
    if (mayGuess) {
      return Optional.empty();
    }
    throw new ProblemException(Problem.invalid(List.of(new FieldError(pointer, detail))));
  }

  private static MicroUsd maxCost(String text) {
    try {
      BigDecimal usd = new BigDecimal(text);
      if (usd.signum() >= 0
          && usd.stripTrailingZeros().scale() <= MicroUsd.DECIMALS
          && usd.compareTo(BigDecimal.valueOf(Bounds.COST_USD_MAX)) <= 0) {
        return MicroUsd.ofUsd(usd);
      }
    } catch (NumberFormatException e) {
      // Refused below, with the bounds.
    }
    throw new ProblemException(
        ProblemCode.BAD_REQUEST,
        "The header %s must be US dollars from 0 to %d with at most %d decimals, such as 0.05."
            .formatted(CheckedRequest.MAX_COST, Bounds.COST_USD_MAX, MicroUsd.DECIMALS));
  }
}
