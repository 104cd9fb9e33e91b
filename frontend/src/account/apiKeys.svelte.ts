// Whether the list of one's API keys is open: the account menu opens it, and closes itself.
class ApiKeyState {
  listed = $state(false);
}

export const apiKeys = new ApiKeyState();
