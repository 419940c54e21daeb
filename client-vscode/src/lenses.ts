// Fix and Optimize above every function, for those who want them there: the setting perforch.codeLens.
import * as vscode from "vscode";

const FUNCTIONS = [vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Constructor];

/** Which functions there are is asked of whichever extension outlines the language. */
export const functionLenses: vscode.CodeLensProvider = {
  async provideCodeLenses(document) {
    if (!vscode.workspace.getConfiguration("perforch", document).get<boolean>("codeLens", false)) {
      return [];
    }
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>("vscode.executeDocumentSymbolProvider", document.uri);
    return functionsIn(symbols ?? []).flatMap(({ selectionRange }) => {
      const place = { uri: document.uri.toString(), position: { line: selectionRange.start.line, character: selectionRange.start.character } };
      return [
        new vscode.CodeLens(selectionRange, { title: "Fix", tooltip: "Fix this function with PerfOrch", command: "perforch.fix", arguments: [place] }),
        new vscode.CodeLens(selectionRange, { title: "Optimize", tooltip: "Optimize this function with PerfOrch", command: "perforch.optimize", arguments: [place] }),
      ];
    });
  },
};

/** Also those in classes; not those in functions, which cannot be worked on alone. */
function functionsIn(symbols: readonly vscode.DocumentSymbol[]): vscode.DocumentSymbol[] {
  return symbols.flatMap((symbol) => (FUNCTIONS.includes(symbol.kind) ? [symbol] : functionsIn(symbol.children)));
}
