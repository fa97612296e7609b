internal import Foundation

/// The model card of a trained assistant model.
struct AssistantCard {
    var recipe: AssistantRecipe
    var parameters: Int
    var exact: Double
    var step: Int

    var text: String {
        """
        # myna-lm

        A language model of \(parameters) parameters that writes the intents in a spoken request to a home.

        - **Layout**: `LlamaForCausalLM`; byte-level BPE in `tokenizer.json`.
        - **Reads and writes**: `<state> request <intents> text <end>`, as `docs/intents.md` says; copied words are written \
        with a space after the opening quote.
        - **Data**: generated requests only (`myna data requests`), whose sources and licences are in `docs/data.md`; \
        3 % of the templates and 5 % of the nouns are held out.
        - **Recipe**: \(recipe.start.map { "begun from `\($0)`, " } ?? "")seed \(recipe.seed), after \(step) of \(recipe.steps) steps of \(recipe.batch) requests.
        - **Held-out requests written exactly**: \(String(format: "%.1f", 100 * exact)) % of \(recipe.devRequests) (dev split).
        - **Limits**: English; one request at a time; it copies words and knows nothing of the home, so what does not \
        exist there has to be noticed by the assistant.

        """
    }
}
