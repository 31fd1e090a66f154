namespace GraphRewrite.Diagnostics;

/// <summary>
/// Something about the user's model or files that cannot be done. The message is for the person with the model:
/// where (file, stage, node, operator), what was found, what would work. The program prints it as it stands and exits with 2.
/// </summary>
public sealed class GraphRewriteException(string message, Exception? cause = null) : Exception(message, cause);
